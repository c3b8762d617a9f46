# SPDX-License-Identifier: MIT
"""The libvirt header, its XML, and what the XML may ask of the host."""
from . import hvm, libvirt, libxl, pv, xl
from .libvirt import HEADER, domain, octets
from .registry import accept, case

STREAM = libxl.wrap(hvm.pvh())
GOOD = libvirt.wrap(STREAM)
REMUS = "--allow checkpointed"


def head(name, code, offset, **fields):
    case(f"libvirt-{name}", code, libvirt.wrap(STREAM, **fields), GOOD, offset=offset)


def header():
    head("magic-last", "LIBVIRT_MAGIC", 15, magic=libvirt.MAGIC[:-1] + b"\n")
    head("magic-partial", "LIBVIRT_MAGIC", 8, magic=b"libvirt-" + b"qemu-save"[:8])
    head("version-0", "LIBVIRT_VERSION", 16, version=0)
    head("version-1", "LIBVIRT_LEGACY", 16, version=1)
    head("version-3", "LIBVIRT_VERSION", 16, version=3)
    head("big-endian", "LIBVIRT_VERSION", 16, order=">")
    head("xml-len-0", "LIBVIRT_XML_LEN", 20, length=0)
    head("xml-len-4g", "LIBVIRT_XML_LEN", 20, length=0xffffffff)
    head("unused-first", "LIBVIRT_UNUSED", 24, unused=(1,) + (0,) * 9)
    head("unused-last", "LIBVIRT_UNUSED", 63, unused=(0,) * 9 + (1 << 31,))
    text = domain()
    case("libvirt-xml-len-limit", "LIBVIRT_XML_LEN", libvirt.wrap(STREAM, text + "\n"), GOOD,
         f"--max-config-bytes {len(octets(text))}", offset=20)
    case("libvirt-xml-len-one-more", "XML_NUL", libvirt.wrap(STREAM, length=len(octets(text)) + 1), GOOD)
    case("libvirt-xml-len-one-less", "XML_NUL", libvirt.wrap(STREAM, length=len(octets(text)) - 1), GOOD)
    case("format-refused-libvirt", "FORMAT_REFUSED", GOOD, STREAM, "--format libxl", offset=0)


def inside():
    """What follows the XML is a whole libxl stream and nothing else."""
    case("libvirt-no-libxl", "LIBXL_IDENT", libvirt.wrap(hvm.pvh()), GOOD, offset=len(GOOD.get("LIBVIRT_HEADER").pack()))
    case("libvirt-in-xl", "LIBXL_IDENT", xl.wrap(GOOD, xl.config("pvh")), xl.wrap(STREAM, xl.config("pvh")))
    case("truncated-libvirt-header", "TRUNCATED", GOOD.cut(63), GOOD)
    case("truncated-libvirt-xml", "TRUNCATED", GOOD.cut(HEADER + 100), GOOD)
    case("truncated-libvirt-no-stream", "TRUNCATED", GOOD.cut(GOOD.at("LIBXL_HEADER")), GOOD)
    case("trailing-libvirt", "TRAILING", GOOD.copy().append(pv.junk(b"\0")), GOOD, offset=len(GOOD))
    going = GOOD.copy().append(pv.junk(xl.GO_AHEAD))
    case("trailing-libvirt-go-ahead", "TRAILING", going, GOOD, "--tolerate trailing-go-ahead", offset=len(GOOD))
    remus = libxl.checkpointed(hvm.pvh(), [], [])
    case("libvirt-remus", "RECORD_ORDER", libvirt.wrap(remus), remus, REMUS)


def document(name, code, text, good=None, at=None, options=""):
    """`at` is the offset in the XML, or the octets that are refused."""
    blob = text if isinstance(text, bytes) else text.encode()
    offset = None if at is None else HEADER + (blob.index(at) if isinstance(at, bytes) else at)
    case(f"xml-{name}", code, libvirt.wrap(STREAM, text), libvirt.wrap(STREAM, good), options, offset=offset)


def edit(old, new):
    text = domain()
    assert old in text
    return text.replace(old, new, 1)


NAME = "<name>golden</name>"


def named(text):
    """The domain with another octet sequence as its name."""
    return domain().encode().replace(b"golden", text)


def syntax():
    for name, old, new in (
            ("no-quotes", "type='xen'", "type=xen"), ("no-value", "type='xen'", "type"),
            ("no-space", "unit='KiB'", "a='b'unit='KiB'"), ("quote-mismatch", "type='xen'", "type='xen\""),
            ("tag-in-value", "type='xen'", "type='<xen'"), ("digit-name", "<name>", "<1name>"),
            ("space-in-end", "</name>", "< /name>"),
            ("slash-in-tag", "<memballoon model='xen'/>", "<memballoon / model='xen'>"),
            ("section-end", NAME, "<name>a]]>b</name>"), ("comment-dashes", NAME, f"<!-- a -- b -->{NAME}"),
            ("empty-name", NAME, f"<>{NAME}"), ("unicode-name", NAME, f"<n\u00e4me/>{NAME}"),
            ("end-tag-attribute", "</name>", "</name a='b'>")):
        document(name, "XML_SYNTAX", edit(old, new))
    document("unfinished", "XML_SYNTAX", domain() + "<!-- ")
    document("unclosed", "XML_SYNTAX", domain().replace("</domain>\n", ""))
    document("empty", "XML_ROOT", "", at=0)
    document("text-before", "XML_ROOT", "x" + domain(), at=0)
    document("text-after", "XML_ROOT", domain() + "x")
    document("byte-order-mark", "XML_ROOT", "\ufeff" + domain(), at=0)
    document("two-roots", "XML_ROOT", domain() + "<domain/>")
    document("end-first", "XML_NESTING", "</domain>", at=1)
    document("end-mismatch", "XML_NESTING", edit("</name>", "</uuid>"))
    document("end-prefix", "XML_NESTING", edit("</name>", "</nam>"))
    document("end-longer", "XML_NESTING", edit("</name>", "</names>"))
    document("end-crossed", "XML_NESTING", edit(NAME, "<a><b></a></b>"))
    document("duplicate", "XML_DUPLICATE", edit("type='xen'", "type='xen' id='1' type='xen'"),
             edit("type='xen'", "type='xen' id='1' idd='xen'"))
    document("comment-in-prolog", "XML_SYNTAX", "<!-- a -- -->" + domain(), "<!-- a - -->" + domain())
    accept("xml-comments", libvirt.wrap(STREAM, f"<!--a-->\n{edit(NAME, '<!----><name>gol<!-- x -->den</name>')}<!--b-->"))
    accept("xml-references", libvirt.wrap(STREAM, edit("golden", "&amp;&lt;&gt;&quot;&apos;&#65;&#x10FFFF;&#9;")))


def octet_rules():
    text = octets(domain())
    document("two-nuls", "XML_NUL", text + b"\0")
    document("early-nul", "XML_NUL", named(b"gol\0en"))
    for name, bad, good in (("lone-continuation", b"\x80", b"\xc2\x80"), ("overlong-2", b"\xc1\xbf", b"\xc2\x80"),
                            ("overlong-3", b"\xe0\x9f\xbf", b"\xe0\xa0\x80"), ("cut", b"\xe2\x82", b"\xe2\x82\xac"),
                            ("surrogate", b"\xed\xa0\x80", b"\xed\x9f\xbf"),
                            ("beyond-unicode", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf\xbf")):
        document(f"utf8-{name}", "XML_UTF8", named(bad), named(good))
    document("utf8-in-value", "XML_UTF8", domain().encode().replace(b"'xen'", b"'\xff'", 1),
             domain().encode().replace(b"'xen'", b"'\xc3\xbf'", 1))
    document("utf8-in-comment", "XML_UTF8", named(b"<!-- \xff -->"), named(b"<!-- \xc3\xbf -->"))
    document("control", "XML_CHARACTER", named(b"\x01"), named(b"\t"))
    document("noncharacter-fffe", "XML_CHARACTER", named(b"\xef\xbf\xbe"), named(b"\xef\xbf\xbd"))
    document("noncharacter-ffff", "XML_CHARACTER", named(b"\xef\xbf\xbf"), named(b"\xee\x80\x80"))


def markup():
    document("doctype", "XML_MARKUP", "<!DOCTYPE domain>\n" + domain(), at=2)
    bomb = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\n" + edit("golden", "&b;")
    document("entity-bomb", "XML_MARKUP", bomb, at=2)
    document("cdata", "XML_MARKUP", edit("golden", "<![CDATA[golden]]>"))
    document("half-comment", "XML_MARKUP", edit("golden", "<!-x-->"), edit("golden", "<!--x-->"))
    document("declaration", "XML_INSTRUCTION", "<?xml version='1.0' encoding='UTF-8'?>\n" + domain(), at=1)
    document("instruction", "XML_INSTRUCTION", edit(NAME, f"<?php evil ?>{NAME}"))
    for name, bad, good in (("unknown", "&nbsp;", "&amp;"), ("case", "&AMP;", "&amp;"), ("longer", "&ampx;", "&amp;"),
                            ("empty", "&;", "&lt;"), ("space", "&amp ;", "&amp;"), ("bare", "&", "&amp;"),
                            ("no-digits", "&#;", "&#9;"), ("hex-no-digits", "&#x;", "&#xA;"),
                            ("nul", "&#0;", "&#13;"), ("control", "&#31;", "&#32;"), ("hex-in-decimal", "&#4a;", "&#x4a;"),
                            ("capital-x", "&#X41;", "&#x41;"), ("not-hex", "&#x4g;", "&#x4F;"),
                            ("surrogate", "&#xD800;", "&#xD7FF;"), ("low-surrogate", "&#xDFFF;", "&#xE000;"),
                            ("noncharacter", "&#xFFFE;", "&#xFFFD;"), ("beyond", "&#x110000;", "&#x10FFFF;"),
                            ("beyond-decimal", "&#1114112;", "&#1114111;"), ("digits-9", "&#000000065;", "&#00000065;"),
                            ("letter-colon", "&a:b;", "&gt;")):
        document(f"entity-{name}", "XML_ENTITY", edit("golden", bad), edit("golden", good))


DEPTH, ELEMENTS, ATTRIBUTES, LONGEST = 32, 16384, 32, 63  # what docs/formats/libvirt.md gives
LARGE = "--max-config-bytes 1048576"


def caps():
    nest = lambda n: edit(NAME, "<a>" * n + "</a>" * n)
    document("depth-33", "XML_DEPTH", nest(DEPTH), nest(DEPTH - 1))
    document("depth-9000", "XML_DEPTH", nest(9000), nest(DEPTH - 1), options=LARGE)
    room = ELEMENTS - domain().count("<") + domain().count("</") + 1
    many = lambda n: edit(NAME, "<a/>" * n)
    document("elements-16385", "XML_ELEMENTS", many(room + 1), many(room), options=LARGE)
    wide = lambda n: edit(NAME, "<a " + " ".join(f"a{i}=''" for i in range(n)) + "/>")
    document("attributes-33", "XML_ELEMENTS", wide(ATTRIBUTES + 1), wide(ATTRIBUTES))
    long = lambda n: edit(NAME, f"<{'n' * n}/>")
    document("name-64", "XML_LENGTH", long(LONGEST + 1), long(LONGEST))
    long_end = lambda n: edit(NAME, f"<{'n' * LONGEST}></{'n' * n}>")
    document("end-name-64", "XML_LENGTH", long_end(LONGEST + 1), long_end(LONGEST))
    long_one = lambda n: edit(NAME, f"<a {'n' * n}=''/>")
    document("attribute-name-64", "XML_LENGTH", long_one(LONGEST + 1), long_one(LONGEST))


def host(name, code, option, *, devices="", more="", good=None, good_devices="", good_more="", **how):
    """Refused as it is; the neighbour is either harmless or the same with an option."""
    bad = libvirt.wrap(STREAM, domain(devices=devices, more=more, **how))
    harmless = libvirt.wrap(STREAM, domain(devices=good_devices, more=good_more) if good is None else good)
    case(f"libvirt-{name}", code, bad, harmless)
    if option:
        accept(f"libvirt-{name}-allowed", bad, option)


def what_reaches_the_host():
    document("root-other", "LIBVIRT_DOMAIN", "<network/>", "<domain type='xen'/>", at=0)
    accept("libvirt-other-type", libvirt.wrap(STREAM, edit("type='xen'", "type='kvm'")))
    host("bootloader", "CONFIG_BOOTLOADER", "--allow bootloader", more="<bootloader>/usr/bin/pygrub</bootloader>",
         good_more="<metadata><bootloader>/usr/bin/pygrub</bootloader></metadata>")
    arguments = "<{0}commandline xmlns{1}='http://libvirt.org/schemas/domain/xen/1.0'><{0}arg value='-x'/></{0}commandline>"
    for name, prefix, suffix in (("dm-args", "xen:", ":xen"), ("dm-args-other-prefix", "x:", ":x"), ("dm-args-default", "", "")):
        host(name, "CONFIG_DM_ARGS", "--allow device-model", more=arguments.format(prefix, suffix),
             good_more="<metadata><x:y xmlns:x='a'/></metadata>")
    host("seclabel-static", "CONFIG_PRIVILEGE", "--allow privilege", more="<seclabel type='static'><label>system_u</label></seclabel>",
         good_more="<seclabel type='none'/>")
    host("nvram", "CONFIG_HOST_PATH", "--allow host-paths", good=domain(),
         more="<os><nvram>/etc/shadow</nvram></os>")
    passthrough = "<features><xen><passthrough state='{}'/></xen></features>"
    host("passthrough", "CONFIG_PASSTHROUGH", "--allow pass-through", more=passthrough.format("on"),
         good_more=passthrough.format("off"))
    host("emulator", "CONFIG_DEVICE_MODEL", "--allow device-model", emulator="/tmp/qemu-system-i386")
    host("emulator-in-parts", "CONFIG_DEVICE_MODEL", "--allow device-model", emulator=f"/tmp/x<a/>{libvirt.EMULATOR}")
    host("emulator-longer", "CONFIG_DEVICE_MODEL", "--allow device-model", emulator=libvirt.EMULATOR + "x" * 64)
    accept("libvirt-emulator-comment", libvirt.wrap(STREAM, domain(emulator=f"<!-- -->{libvirt.EMULATOR}")))
    accept("libvirt-emulator-path", libvirt.wrap(STREAM, domain(emulator="/usr/bin/qemu-system-x86_64")))
    devices()


def devices():
    host("disk", "CONFIG_DEVICE", "--allow disks", devices="<disk type='block' device='disk'><source dev='/dev/sda'/></disk>")
    nic = "<interface type='{}'><mac address='00:16:3e:00:00:01'/>{}</interface>"
    host("script", "CONFIG_SCRIPT", "--allow scripts", devices=nic.format("bridge", "<script path='/tmp/x'/>"),
         good_devices=nic.format("bridge", "<source bridge='xenbr0'/>"))
    host("backend-domain", "CONFIG_PRIVILEGE", "--allow privilege", devices=nic.format("ethernet", "<backenddomain name='x'/>"),
         good_devices=nic.format("ethernet", ""))
    host("nic-hostdev", "CONFIG_PASSTHROUGH", "--allow pass-through", devices=nic.format("hostdev", ""),
         good_devices=nic.format("network", ""))
    case("libvirt-nic-refused", "CONFIG_DEVICE", libvirt.wrap(STREAM, domain(devices=nic.format("bridge", ""))), GOOD,
         "--refuse nics")
    for name, xml in (("filesystem", "<filesystem type='mount'/>"), ("shmem", "<shmem name='x'/>"),
                      ("pstore", "<pstore backend='acpi-erst'/>"), ("serial-file", "<serial type='file'><source path='/x'/></serial>"),
                      ("channel-unix", "<channel type='unix'/>"), ("parallel-dev", "<parallel type='dev'/>"),
                      ("console-tcp", "<console type='tcp'/>"), ("vnc-socket", "<graphics type='vnc' socket='/x'/>"),
                      ("vnc-listen-socket", "<graphics type='vnc'><listen type='socket' socket='/x'/></graphics>"),
                      ("rng-file", "<rng model='virtio'><backend model='random'>/dev/sda</backend></rng>")):
        host(name, "CONFIG_HOST_PATH", "--allow host-paths", devices=xml,
             good_devices="<serial type='pty'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
                          "<graphics type='vnc' port='-1'><listen type='address'/></graphics>")
    for name, xml in (("hostdev", "<hostdev mode='subsystem' type='pci'/>"), ("redirdev", "<redirdev bus='usb' type='tcp'/>"),
                      ("smartcard", "<smartcard mode='host'/>"), ("tpm-passthrough", "<tpm><backend type='passthrough'/></tpm>")):
        host(name, "CONFIG_PASSTHROUGH", "--allow pass-through", devices=xml, good_devices="<tpm/>")
    host("lease", "CONFIG_PRIVILEGE", "--allow privilege", devices="<lease/>")
    host("unknown-device", "CONFIG_FIELD_UNKNOWN", "--tolerate unknown-config-field", devices="<teleporter/>",
         good=domain(more="<teleporter/>"))
    case("libvirt-other-refused", "CONFIG_DEVICE", GOOD, libvirt.wrap(STREAM, "<domain type='xen'/>"),
         "--refuse other-devices")


def whole():
    accept("pvh-v3", GOOD)
    accept("pv64-v3", libvirt.wrap(libxl.wrap(pv.guest()), domain("pv")))
    accept("pv32-v3", libvirt.wrap(libxl.wrap(pv.guest(width=pv.NARROW)), domain("pv")))
    accept("hvm-v3", libvirt.wrap(libxl.wrap_hvm(hvm.guest()), domain("hvm")))
    accept("hvm-v2", libvirt.wrap(libxl.wrap_hvm(hvm.guest(2)), domain("hvm")))
    accept("hvm-v3-large-xml", libvirt.wrap(libxl.wrap_hvm(hvm.guest()), domain("hvm", more=f"<!--{'x' * 40000}-->")))


def build():
    for make in (header, inside, syntax, octet_rules, markup, caps, what_reaches_the_host, whole):
        make()

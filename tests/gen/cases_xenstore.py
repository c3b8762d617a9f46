# SPDX-License-Identifier: MIT
"""The state stream of xenstored: what it writes, and one thing wrong with it at a time."""
import struct

from . import hvm, libxl
from . import xenstore as xs
from .registry import accept, case, edit, raw

GOOD = xs.state()
NEW = xs.newest()
LONGEST = b"/" + b"a" * 3071
BUFFERED = 24 + 50


def accepted():
    accept("xenstore-v1", GOOD)
    accept("xenstore-v2", NEW)
    accept("xenstore-v1-quotas", xs.state(head=[xs.global_data(), xs.quota()], tail=[xs.domain(0), xs.domain(1)]))
    accept("xenstore-v2-watch-depth", xs.state(2, peers=xs.clients(unique=True) + [
        xs.deep_watch(1, b"/local", b"a"), xs.deep_watch(1, b"@releaseDomain", b"", 1), xs.deep_watch(2, b"x", b"long" * 7, 0)]))
    accept("xenstore-specials-first", xs.state(tree=xs.nodes(xs.SPECIAL + xs.TREE)))
    accept("xenstore-no-clients", xs.state(peers=[], tree=[xs.node(b"/")]))
    accept("xenstore-stub-domain", xs.state(head=[xs.global_data(-1, 4)], peers=[xs.ring(7, 0, port=0), xs.ring(9, 2, 1)],
                                            tail=[xs.domain(1)]))
    accept("xenstore-big-endian", xs.state(2, 1, order=">", head=[xs.global_data(order=">"), xs.quota(order=">")],
                                           tail=[xs.domain(1, order=">")]))
    accept("xenstore-stale-permission", xs.state(tree=xs.nodes() + [
        xs.node(b"/vm/x", perms=((b"b", 0, 3), (b"r", 1, 40000), (b"w", 0, 0x7ff5)))]))
    accept("xenstore-longest", xs.state(tree=xs.nodes() + [xs.node(LONGEST, b"v" * 4096, (xs.OWNER,) * 1365)]))
    accept("xenstore-transactions", xs.state(tree=[xs.transaction(2, 1), xs.transaction(2, 0xffffffff), *xs.nodes(),
                                                   xs.node(b"/vm", b"1", ident=2, number=1, access=3),
                                                   xs.node(b"/new/x", b"", ident=2, number=1, access=2),
                                                   xs.node(b"/vm", b"", (), ident=2, number=0xffffffff)]))
    accept("xenstore-request-head-cut", xs.state(peers=[xs.ring(1, 0, requests=b"\2\0\0")]))
    accept("xenstore-request-body-cut", xs.state(peers=[xs.ring(1, 0, requests=xs.message(99, b"ab", length=4096))]))
    accept("xenstore-empty-messages", xs.state(peers=[xs.ring(1, 0, requests=xs.message(1, b"") * 3,
                                                              responses=xs.message(1, b"") * 3)]))
    accept("xenstore-spec-length", xs.state(tree=spec(xs.nodes()), peers=spec(xs.clients())), "--tolerate xenstore-spec-length")
    accept("xenstore-one-domain", one_domain(), "--tolerate xenstore-one-domain")


def spec(records):
    """The same records, their lengths as the specification counts."""
    return [xs.SpecRecord(r.type, r.body) for r in records]


def one_domain(*more, peers=None):
    tree = [xs.node(*row) for row in xs.TREE if row[0].startswith(b"/local/domain/1")]
    return xs.state(head=[], peers=[xs.ring(1, 1), xs.watch(1, b"device")] if peers is None else peers, tree=tree + list(more))


def poked(name, code, record, offset, fmt, *values, at=None, good=GOOD, nth=0, options=""):
    """One field of a record changed; the rejection points at the field unless `at` says otherwise."""
    bad = edit(good, lambda s: s.poke(record, offset, fmt, *values, nth=nth))
    place = good.body_at(record, offset if at is None else at, nth=nth) if at != "any" else None
    case(f"xenstore-{name}", code, bad, good, options, offset=place)


def added(name, code, bad, good, options="", before="END", base=GOOD, at=None):
    """A record more; `at` is the offset in its body that is refused."""
    first, second = (base.copy().before(before, *r) if isinstance(r, list) else base.copy().before(before, r)
                     for r in (bad, good))
    offset = None if at is None else base.at(before) + 8 + at
    case(f"xenstore-{name}", code, first, second, options, offset=offset)


def framing():
    case("xenstore-version-0", "XENSTORE_VERSION", edit(GOOD, lambda s: s.poke("HEADER", 8, ">I", 0)), GOOD, offset=8)
    case("xenstore-version-3", "XENSTORE_VERSION", edit(NEW, lambda s: s.poke("HEADER", 8, ">I", 3)), NEW, offset=8)
    case("xenstore-flags-2", "XENSTORE_FLAGS", edit(GOOD, lambda s: s.poke("HEADER", 12, ">I", 2)), GOOD, offset=12)
    case("xenstore-wrong-order", "XENSTORE_RECORD_UNKNOWN", edit(GOOD, lambda s: s.poke("HEADER", 12, ">I", 1)), GOOD, offset=16)
    case("xenstore-refused", "XENSTORE_REFUSED", GOOD, hvm.guest(), "--format xl,libxl,libxc", offset=0)
    case("xenstore-text-dump", "FORMAT_OXENSTORED", raw("xenstore", b"$xenstored-dump-format\nglobal,3\n"), GOOD, offset=0)
    nine = xs.XsRecord(xs.END, bytes(8), name="NINE")
    nine.type = 9
    added("record-9", "XENSTORE_RECORD_UNKNOWN", nine, xs.node(b"/x"), at=-8)
    added("depth-in-v1", "XENSTORE_RECORD_VERSION", xs.deep_watch(1, b"/x"), xs.watch(1, b"/x"), at=-8)
    case("xenstore-end-long", "XENSTORE_RECORD_LENGTH", edit(GOOD, lambda s: s.resize("END", 8)), GOOD, offset=GOOD.at("END", 4))
    for name, at in (("GLOBAL", 16), ("TRANSACTION", 16), ("CONNECTION", 16), ("NODE", 16), ("WATCH", 8)):
        base = GOOD.copy().before("NODE", xs.transaction(1, 1))
        case(f"xenstore-length-{name.lower()}", "XENSTORE_RECORD_LENGTH", edit(base, lambda s, n=name, a=at: s.resize(n, a)), base,
             offset=base.at(name, 4))
    case("xenstore-length-node-more", "XENSTORE_RECORD_LENGTH", edit(GOOD, lambda s: s.resize("NODE", 32)), GOOD,
         offset=GOOD.at("NODE", 4))
    case("xenstore-length-ring-more", "XENSTORE_RECORD_LENGTH", edit(NEW, lambda s: s.resize("CONNECTION", 40)), NEW,
         offset=NEW.at("CONNECTION", 4))
    case("xenstore-rounding", "XENSTORE_RECORD_ROUNDING", xs.state(tree=spec(xs.nodes())), GOOD, offset=GOOD.at("NODE", 4))
    good = xs.state(tree=spec(xs.nodes()))
    bad = edit(good, lambda s: setattr(s.get("NODE"), "pad", b"\0" * 1 + b"\1"))
    case("xenstore-padding-outside", "PADDING", bad, good, "--tolerate xenstore-spec-length", offset=good.body_at("NODE", 23))
    long = xs.state(peers=[xs.ring(1, 0, unique=1)])
    bad = edit(long, lambda s: setattr(s.get("CONNECTION"), "length", 33))
    case("xenstore-unique-id-behind", "XENSTORE_RECORD_LENGTH", bad, long, "--tolerate xenstore-spec-length", offset=long.at("CONNECTION", 4))
    case("xenstore-after-end", "TRAILING", GOOD.copy().append(xs.end()), GOOD, offset=len(GOOD))
    for name in ("HEADER", "GLOBAL", "NODE", "END"):
        case(f"xenstore-truncated-{name.lower()}", "TRUNCATED", GOOD.cut(GOOD.at(name, 9 if name == "HEADER" else 3)), GOOD)
    records = len(GOOD.items) - 1
    case("xenstore-limit-records", "LIMIT_RECORDS", GOOD.copy().before("END", xs.node(b"/x")), GOOD, f"--max-records {records}")


def order():
    missing = GOOD.copy().drop("GLOBAL")
    case("xenstore-no-global", "XENSTORE_RECORD_MISSING", missing, GOOD, offset=16)
    case("xenstore-global-second", "XENSTORE_RECORD_MISSING", GOOD.copy().move_before("GLOBAL", "NODE"), GOOD, offset=16)
    added("global-twice", "XENSTORE_RECORD_REPEATED", xs.global_data(5, 6), xs.node(b"/x"), at=-8)
    added("quota-twice", "XENSTORE_RECORD_REPEATED", xs.quota(), xs.domain(1), base=NEW.copy().drop("DOMAIN", 1), at=-8)
    case("xenstore-only-end", "XENSTORE_RECORD_MISSING", xs.state(peers=[], tree=[]), xs.state(peers=[], tree=[xs.node(b"/")]), offset=32)
    first = GOOD.copy().move_before("WATCH", "CONNECTION")
    case("xenstore-watch-first", "XENSTORE_RECORD_MISSING", first, GOOD, offset=first.at("WATCH"))
    options = "--tolerate xenstore-one-domain"
    plain = one_domain()
    case("xenstore-one-domain-quota", "XENSTORE_RECORD_ORDER", plain.copy().before("NODE", xs.quota()), plain, options,
         offset=plain.at("NODE"))
    case("xenstore-one-domain-global", "XENSTORE_RECORD_ORDER", plain.copy().before("NODE", xs.global_data()), plain, options,
         offset=plain.at("NODE"))
    case("xenstore-one-domain-two", "XENSTORE_RECORD_REPEATED", plain.copy().before("NODE", xs.ring(2, 2)), plain, options,
         offset=plain.at("NODE"))
    case("xenstore-one-domain-socket", "XENSTORE_CONNECTION_TYPE", one_domain(peers=[xs.socket(1, 5)]), one_domain(peers=[xs.ring(1, 5)]),
         options, offset=28)


def connections():
    poked("global-fd", "XENSTORE_DESCRIPTOR", "GLOBAL", 0, "<i", -2)
    poked("global-fd-shared", "XENSTORE_CONNECTION_SHARED", "GLOBAL", 4, "<i", 3)
    poked("socket-fd", "XENSTORE_DESCRIPTOR", "CONNECTION", 8, "<i", -1, nth=2)
    poked("socket-fd-global", "XENSTORE_CONNECTION_SHARED", "CONNECTION", 8, "<i", 13, nth=2)
    poked("socket-pad", "XENSTORE_RESERVED", "CONNECTION", 12, "<I", 1, nth=2)
    poked("socket-fields", "XENSTORE_CONNECTION_FIELDS", "CONNECTION", 6, "<H", 1, nth=2)
    poked("ring-fields", "XENSTORE_CONNECTION_FIELDS", "CONNECTION", 6, "<H", 2)
    poked("connection-id-0", "XENSTORE_CONNECTION_ID", "CONNECTION", 0, "<I", 0)
    poked("connection-id-again", "XENSTORE_CONNECTION_ID", "CONNECTION", 0, "<I", 1, nth=1)
    poked("connection-type", "XENSTORE_CONNECTION_TYPE", "CONNECTION", 4, "<H", 2)
    poked("ring-domid", "XENSTORE_CONNECTION_DOMAIN", "CONNECTION", 8, "<H", 0x7ff0)
    poked("ring-domid-again", "XENSTORE_CONNECTION_SHARED", "CONNECTION", 8, "<H", 0, nth=1)
    poked("ring-target", "XENSTORE_CONNECTION_DOMAIN", "CONNECTION", 10, "<H", 0x7ff3)
    added("socket-fd-again", "XENSTORE_CONNECTION_SHARED", xs.socket(4, 14), xs.socket(4, 15), before="NODE", at=8)
    case("xenstore-limit-connections", "XENSTORE_LIMIT", GOOD.copy().before("NODE", xs.ring(4, 5)), GOOD, "--max-xenstore-connections 3",
         offset=GOOD.body_at("NODE"))


def messages():
    def client(**more):
        return xs.state(peers=[xs.ring(1, 0, **more)])

    def pair(name, code, bad, good, options="", at=None):
        bad, good = client(**bad), client(**good)
        case(f"xenstore-{name}", code, bad, good, options, offset=None if at is None else good.body_at("CONNECTION", at))

    ok = xs.message(0, b"OK\0")
    pair("request-long", "XENSTORE_MESSAGE_LENGTH", {"requests": xs.message(2, b"", length=4097)},
         {"requests": xs.message(2, b"", length=4096)}, at=24 + 12)
    pair("response-long", "XENSTORE_MESSAGE_LENGTH", {"responses": xs.message(2, b"r" * 4097)}, {"responses": xs.message(2, b"r" * 4096)},
         at=24 + 12)
    pair("response-type-27", "XENSTORE_MESSAGE_TYPE", {"responses": xs.message(27, b"OK\0")}, {"responses": xs.message(26, b"OK\0")}, at=24)
    pair("response-type-20", "XENSTORE_MESSAGE_TYPE", {"responses": xs.message(20, b"OK\0")}, {"responses": xs.message(19, b"OK\0")}, at=24)
    pair("response-cut", "XENSTORE_MESSAGE_CUT", {"responses": ok + ok[:-1]}, {"responses": ok + ok}, at=24 + 19 + 12)
    pair("response-head-cut", "XENSTORE_MESSAGE_CUT", {"responses": ok + ok[:15]}, {"responses": ok}, at=24 + 19)
    pair("response-overruns", "XENSTORE_MESSAGE_CUT", {"responses": xs.message(0, b"OK\0", length=4)}, {"responses": ok}, at=24 + 12)
    pair("rest-long", "XENSTORE_RESPONSE", {"rest": b"r" * 4112}, {"rest": b"r" * 4111}, at=18)
    good = client(rest=b"r" * 10, responses=ok)
    bad = edit(good, lambda s: s.poke("CONNECTION", 18, "<H", 30))
    case("xenstore-rest-beyond", "XENSTORE_RESPONSE", bad, good, offset=good.body_at("CONNECTION", 18))
    pair("limit-buffer", "XENSTORE_LIMIT_BUFFER", {"rest": b"r" * 51}, {"rest": b"r" * 50}, "--max-xenstore-buffer 50", at=16)
    pair("limit-buffer-both", "XENSTORE_LIMIT_BUFFER", {"rest": b"r" * 40, "requests": b"r" * 11},
         {"rest": b"r" * 40, "requests": b"r" * 10}, "--max-xenstore-buffer 50", at=16)
    good = client(rest=b"r" * 50)
    bad = edit(good, lambda s: s.poke("CONNECTION", BUFFERED, "B", 1))
    case("xenstore-connection-padding", "XENSTORE_PADDING", bad, good, offset=good.body_at("CONNECTION", BUFFERED))
    good = client(rest=b"r" * 50, unique=5)
    bad = edit(good, lambda s: s.poke("CONNECTION", BUFFERED + 5, "B", 1))
    case("xenstore-unique-padding", "XENSTORE_PADDING", bad, good, offset=good.body_at("CONNECTION", BUFFERED + 5))
    huge = edit(client(responses=ok), lambda s: s.poke("CONNECTION", 20, "<I", 0xffffffff))
    case("xenstore-buffer-4g", "XENSTORE_LIMIT_BUFFER", huge, client(responses=ok), offset=huge.body_at("CONNECTION", 16))


def watches():
    poked("watch-unknown", "XENSTORE_CONNECTION_UNKNOWN", "WATCH", 0, "<I", 9)
    poked("watch-path-1", "XENSTORE_WATCH_LENGTH", "WATCH", 4, "<H", 1)
    poked("watch-token-0", "XENSTORE_WATCH_LENGTH", "WATCH", 6, "<H", 0)
    for depth, limit in ((False, 4096), (True, 4096)):
        make = xs.deep_watch if depth else xs.watch
        added(f"watch-long-{'depth' if depth else 'plain'}", "XENSTORE_WATCH_LENGTH" if depth else "XENSTORE_RECORD_LENGTH",
              make(1, b"p", b"t" * (limit - 2)), make(1, b"p", b"t" * (limit - 3)), base=xs.state(2), at=6 if depth else -4)
    poked("watch-path-nul", "XENSTORE_PATH_NUL", "WATCH", 8 + 3, "B", 0)
    poked("watch-path-end", "XENSTORE_PATH_NUL", "WATCH", 8 + 16, "B", ord("x"))
    poked("watch-token-nul", "XENSTORE_WATCH_TOKEN", "WATCH", 8 + 17, "B", 0)
    poked("watch-token-end", "XENSTORE_WATCH_TOKEN", "WATCH", 8 + 17 + 5, "B", ord("x"))
    poked("watch-padding", "XENSTORE_PADDING", "WATCH", 31, "B", 1)
    poked("watch-octet", "XENSTORE_PATH_OCTET", "WATCH", 8 + 3, "B", ord("."))
    poked("watch-octet-high", "XENSTORE_PATH_OCTET", "WATCH", 8 + 3, "B", 0xe1)
    poked("watch-slashes", "XENSTORE_PATH_SLASH", "WATCH", 8 + 8, "B", ord("/"))
    poked("watch-last-slash", "XENSTORE_PATH_SLASH", "WATCH", 8 + 15, "B", ord("/"), at=16 + 8)
    added("watch-again", "XENSTORE_WATCH_REPEATED", xs.watch(1, b"control/shutdown"), xs.watch(1, b"control/shutdown", b"tokem"), at=8 + 22)
    added("watch-relative-long", "XENSTORE_PATH_LENGTH", xs.watch(1, b"r" * 2049), xs.watch(1, b"r" * 2048), at=8 + 2048)
    added("watch-special-long", "XENSTORE_PATH_LENGTH", xs.watch(1, b"@" + b"r" * 2048), xs.watch(1, b"@" + b"r" * 2047), at=8 + 2048)
    added("watch-absolute-long", "XENSTORE_PATH_LENGTH", xs.watch(1, LONGEST + b"a"), xs.watch(1, LONGEST), at=8 + 3072)
    added("watch-special-octet", "XENSTORE_WATCH_SPECIAL", xs.watch(1, b"@my own"), xs.watch(1, b"@my-own"), at=8 + 3)
    accept("xenstore-special-watch", xs.state(peers=[xs.ring(1, 0), xs.watch(1, b"@\x01\x7f\xff//"), xs.watch(1, b"@a", b"\x7f"),
                                                     xs.watch(1, b"@\x7f"), xs.watch(1, b"@/")]), "--tolerate xenstore-special-watch")
    case("xenstore-limit-watches", "XENSTORE_LIMIT", GOOD.copy().before("NODE", xs.watch(1, b"x")), GOOD, "--max-xenstore-watches 5",
         offset=GOOD.body_at("NODE"))
    case("xenstore-watch-long-over", "XENSTORE_WATCH_LENGTH", edit(GOOD, lambda s: s.poke("WATCH", 6, "<H", 0xffff)), GOOD,
         offset=GOOD.body_at("WATCH", 6))


def depths():
    """The three layouts of a watch with a depth."""
    base = xs.state(2)
    for size in range(1, 10):
        path, token = b"/a", b"t" * size
        lost, right = xs.deep_watch_lost(1, path, token), xs.deep_watch(1, path, token)
        added(f"depth-lost-{size}", "XENSTORE_WATCH_LAYOUT", lost, right, base=base, at=8)
        accept(f"xenstore-tolerated-lost-{size}", base.copy().before("NODE", lost, xs.watch(1, b"after")), "--tolerate xenstore-depth-lost")
        later = xs.deep_watch_at_10(1, path, token)
        added(f"depth-at-10-{size}", "XENSTORE_WATCH_LAYOUT", later, right, base=base, at=8)
        accept(f"xenstore-tolerated-at-10-{size}", base.copy().before("NODE", later, xs.watch(1, b"after")),
               "--tolerate xenstore-depth-at-10")
    for path in (b"/", b"x"):
        accept(f"xenstore-tolerated-at-10-{path.hex()}", base.copy().before("NODE", xs.deep_watch_at_10(1, path, b"t")),
               "--tolerate xenstore-depth-at-10,xenstore-depth-lost")
    added("depth-pad", "XENSTORE_WATCH_LAYOUT", xs.deep_watch(1, b"/local", b"tok", 1, 1), xs.deep_watch(1, b"/local", b"tok", 1), base=base)
    added("depth-pad-tolerant", "XENSTORE_PATH_OCTET", xs.deep_watch(1, b"/local", b"tok", 1, 1), xs.deep_watch_at_10(1, b"/local", b"tok", 1),
          "--tolerate xenstore-depth-at-10,xenstore-depth-lost", base=base)
    added("depth-short", "XENSTORE_RECORD_LENGTH", shortened(xs.deep_watch(1, b"/local", b"tok")), xs.deep_watch(1, b"/local", b"tok"), base=base)
    added("depth-at-10-short", "XENSTORE_RECORD_LENGTH", shortened(xs.deep_watch_at_10(1, b"/local", b"token")),
          xs.deep_watch_at_10(1, b"/local", b"token"), "--tolerate xenstore-depth-at-10", base=base)
    wrong = xs.deep_watch_lost(1, b"/local", b"token12")
    wrong.length += 8
    added("depth-lost-long", "XENSTORE_RECORD_LENGTH", wrong, xs.deep_watch_lost(1, b"/local", b"token12"),
          "--tolerate xenstore-depth-lost", base=base)


def shortened(record):
    record.resize(len(record.content()) - 8)
    return record


def nodes():
    def replaced(name, code, bad, good, options="", at=None):
        added(name, code, bad, good, options, at=at)

    replaced("node-relative", "XENSTORE_PATH_RELATIVE", xs.node(b"vm"), xs.node(b"/v"), at=20)
    replaced("node-slashes", "XENSTORE_PATH_SLASH", xs.node(b"//vm"), xs.node(b"/wvm"), at=21)
    replaced("node-last-slash", "XENSTORE_PATH_SLASH", xs.node(b"/wm/"), xs.node(b"/wm"), at=24)
    replaced("node-octet", "XENSTORE_PATH_OCTET", xs.node(b"/v m"), xs.node(b"/v-m"), at=22)
    replaced("node-octet-comma", "XENSTORE_PATH_OCTET", xs.node(b"/,"), xs.node(b"/-"), at=21)
    replaced("node-octet-dot", "XENSTORE_PATH_OCTET", xs.node(b"/.."), xs.node(b"/--"), at=21)
    replaced("node-octet-colon", "XENSTORE_PATH_OCTET", xs.node(b"/:"), xs.node(b"/9"), at=21)
    replaced("node-octet-bracket", "XENSTORE_PATH_OCTET", xs.node(b"/["), xs.node(b"/Z"), at=21)
    replaced("node-octet-brace", "XENSTORE_PATH_OCTET", xs.node(b"/{"), xs.node(b"/z"), at=21)
    replaced("node-octet-backquote", "XENSTORE_PATH_OCTET", xs.node(b"/`"), xs.node(b"/a"), at=21)
    replaced("node-nul", "XENSTORE_PATH_NUL", xs.node(b"/v\0m"), xs.node(b"/v_m"), at=22)
    replaced("node-nul-first", "XENSTORE_PATH_RELATIVE", xs.node(b"\0x"), xs.node(b"/x"), at=20)
    bad = edit(GOOD, lambda s: s.poke("NODE", 21, "B", ord("x")))
    case("xenstore-node-end", "XENSTORE_PATH_NUL", bad, GOOD, offset=GOOD.body_at("NODE", 21))
    replaced("node-parent", "XENSTORE_NODE_PARENT", xs.node(b"/a/b"), [xs.node(b"/a"), xs.node(b"/a/b")], at=20)
    replaced("node-parent-prefix", "XENSTORE_NODE_PARENT", xs.node(b"/v/x"), xs.node(b"/vm/x"), at=20)
    replaced("node-parent-longer", "XENSTORE_NODE_PARENT", xs.node(b"/vmx/x"), xs.node(b"/vm/x"), at=20)
    replaced("node-parent-later", "XENSTORE_NODE_PARENT", [xs.node(b"/a/b"), xs.node(b"/a")], [xs.node(b"/a"), xs.node(b"/a/b")], at=20)
    late = xs.state(tree=[xs.node(b"/tool"), xs.node(b"/")])
    case("xenstore-node-root-later", "XENSTORE_NODE_PARENT", late, xs.state(tree=[xs.node(b"/"), xs.node(b"/tool")]))
    replaced("node-again", "XENSTORE_NODE_REPEATED", xs.node(b"/local/domain/1/data"), xs.node(b"/local/domain/1/dat"), at=20)
    replaced("node-root-again", "XENSTORE_NODE_REPEATED", xs.node(b"/"), xs.node(b"/x"), at=20)
    replaced("node-special-again", "XENSTORE_NODE_REPEATED", xs.node(b"@releaseDomain"), xs.node(b"/x"), at=20)
    special = xs.state(tree=xs.nodes(xs.TREE))
    for path in (b"@releaseDomains", b"@releaseDomai", b"@", b"@releaseDomain/1"):
        added(f"node-special-{len(path)}", "XENSTORE_NODE_SPECIAL", xs.node(path), xs.node(b"@releaseDomain"), base=special, at=20)
    replaced("node-value-long", "XENSTORE_NODE_VALUE", xs.node(b"/x", b"v" * 4097), xs.node(b"/x", b"v" * 4096), at=10)
    replaced("node-path-long", "XENSTORE_PATH_LENGTH", xs.node(LONGEST + b"a"), xs.node(LONGEST), at=8)
    replaced("node-path-short", "XENSTORE_PATH_LENGTH", xs.node(b"", b"1"), xs.node(b"/x"), at=8)
    replaced("node-perms-none", "XENSTORE_PERM_COUNT", xs.node(b"/x", b"1234", ()), xs.node(b"/x"), at=14)
    replaced("node-perms-many", "XENSTORE_PERM_COUNT", xs.node(b"/x", perms=(xs.OWNER,) * 1366), xs.node(b"/x", perms=(xs.OWNER,) * 1365), at=14)
    replaced("node-perm-letter", "XENSTORE_PERM_LETTER", xs.node(b"/x", perms=(xs.OWNER, (b"x", 0, 1))),
             xs.node(b"/x", perms=(xs.OWNER, (b"w", 0, 1))), at=20)
    replaced("node-perm-flags", "XENSTORE_PERM_FLAGS", xs.node(b"/x", perms=((b"n", 2, 0),)), xs.node(b"/x", perms=((b"n", 1, 0),)), at=17)
    replaced("node-perm-owner", "XENSTORE_PERM_OWNER", xs.node(b"/x", perms=((b"n", 0, 0x7ff0),)), xs.node(b"/x", perms=((b"n", 0, 0x7fef),)), at=18)
    replaced("node-tx-committed", "XENSTORE_RESERVED", xs.node(b"/x", number=1), xs.node(b"/x"), at=4)
    replaced("node-access-committed", "XENSTORE_RESERVED", xs.node(b"/x", access=1), xs.node(b"/x"), at=12)
    replaced("node-padding", "XENSTORE_PADDING", edit_last(xs.node(b"/x")), xs.node(b"/x"), at=23)
    replaced("node-padding-value", "XENSTORE_PADDING", edit_last(xs.node(b"/x", b"12")), xs.node(b"/x", b"12"), at=31)
    total = len([item for item in GOOD.items if item.name == "NODE"])
    case("xenstore-limit-nodes", "XENSTORE_LIMIT", GOOD.copy().before("END", xs.node(b"/x")), GOOD, f"--max-xenstore-nodes {total}")
    replaced("depth-of-path", "XENSTORE_PATH_DEPTH", xs.node(b"/local/domain/1/data/x/y"),
             [xs.node(b"/local/domain/1/data/x")], "--max-xenstore-depth 5")
    few = xs.state(peers=[], tree=[xs.node(b"/")])
    names = 1 + 8 + 8 + 1 + 1  # two descriptors, one of which shares seven cells, and the root
    case("xenstore-limit-names", "XENSTORE_LIMIT_NAMES", few.copy().before("END", xs.node(b"/a")), few, f"--max-xenstore-names {names - 7}")


def edit_last(record):
    record.freeze()[-1] = 1
    return record


def transactions():
    base = xs.state(tree=[xs.transaction(2, 5), *xs.nodes()])

    def one(name, code, bad, good, at=None, options=""):
        added(name, code, bad, good, options, base=base, at=at)

    one("transaction-0", "XENSTORE_TRANSACTION_ID", xs.transaction(2, 0), xs.transaction(2, 1), at=4)
    one("transaction-again", "XENSTORE_TRANSACTION_ID", xs.transaction(2, 5), xs.transaction(1, 5), at=4)
    one("transaction-connection", "XENSTORE_CONNECTION_UNKNOWN", xs.transaction(4, 1), xs.transaction(3, 1), at=0)
    one("limit-transactions", "XENSTORE_LIMIT", xs.transaction(3, 1), xs.node(b"/x"), 4, "--max-xenstore-transactions 1")
    written = {"ident": 2, "number": 5, "access": 2}
    one("tx-node-unknown", "XENSTORE_TRANSACTION_UNKNOWN", xs.node(b"/x", ident=2, number=6, access=2), xs.node(b"/x", **written), at=4)
    one("tx-node-other", "XENSTORE_TRANSACTION_UNKNOWN", xs.node(b"/x", ident=1, number=5, access=2), xs.node(b"/x", **written), at=4)
    one("tx-node-connection", "XENSTORE_CONNECTION_UNKNOWN", xs.node(b"/x", ident=9, number=5, access=2), xs.node(b"/x", **written), at=0)
    one("tx-node-again", "XENSTORE_NODE_REPEATED", [xs.node(b"/x", **written)] * 2, [xs.node(b"/x", **written), xs.node(b"/y", **written)])
    one("tx-node-access", "XENSTORE_RESERVED", xs.node(b"/x", ident=2, number=5, access=4), xs.node(b"/x", **written), at=12)
    one("tx-node-deleted-owner", "XENSTORE_NODE_ACCESS", xs.node(b"/x", ident=2, number=5), xs.node(b"/x", b"", (), 2, 5), at=12)
    one("tx-node-no-owner", "XENSTORE_NODE_ACCESS", xs.node(b"/x", b"", (), 2, 5, 2), xs.node(b"/x", b"", (), 2, 5), at=12)
    one("tx-node-deleted-value", "XENSTORE_NODE_ACCESS", xs.node(b"/x", b"1", (), 2, 5), xs.node(b"/x", b"", (), 2, 5), at=10)


def quotas():
    def pair(name, code, bad, good, options="", at=None):
        make = [xs.state(2, head=[xs.global_data(), record]) for record in (bad, good)]
        case(f"xenstore-{name}", code, *make, options, offset=None if at is None else 16 + 16 + 8 + at)

    many = [(b"q%d" % i, i) for i in range(65)]
    pair("quota-many", "XENSTORE_QUOTA_COUNT", xs.quota(many), xs.quota(many[:64]), at=0)
    pair("quota-values", "XENSTORE_QUOTA_COUNT", xs.XsRecord(xs.QUOTA, struct.pack("<HHI", 2, 0, 1)), xs.quota([(b"abc", 1)]), at=0)
    pair("quota-empty-name", "XENSTORE_QUOTA_NAME", xs.quota([(b"", 1)]), xs.quota([(b"a", 1)]), at=8)
    pair("quota-name", "XENSTORE_QUOTA_NAME", xs.quota([(b"a_b", 1)]), xs.quota([(b"a-b", 1)]), at=9)
    pair("quota-name-long", "XENSTORE_QUOTA_NAME", xs.quota([(b"a" * 56, 1)]), xs.quota([(b"a" * 55, 1)]), at=8 + 55)
    cut = xs.quota([(b"nodes123", 1)])
    cut.body[-1:] = b""
    pair("quota-name-cut", "XENSTORE_QUOTA_NAME", cut, xs.quota([(b"nodes12", 1)]), at=16)
    pair("quota-again", "XENSTORE_QUOTA_REPEATED", xs.quota([(b"a", 1), (b"a", 1)]), xs.quota([(b"a", 1), (b"b", 1)]), at=14)
    long = xs.quota([(b"a", 1)])
    long.resize(24)
    pair("quota-length", "XENSTORE_RECORD_LENGTH", long, xs.quota([(b"a", 1)], 1), at=-4)
    dirty = edit_last(xs.quota([(b"a", 1)]))
    pair("quota-heap", "XENSTORE_PADDING", dirty, xs.quota([(b"a", 1)]), "--no-tolerate xenstore-heap-padding", at=15)
    accept("xenstore-quota-heap", xs.state(head=[xs.global_data(), dirty]))
    added("domain-unknown", "XENSTORE_DOMAIN_UNKNOWN", xs.domain(2), xs.domain(1), at=0)
    accept("xenstore-domain-alone", GOOD.copy().before("END", xs.domain(2)), "--tolerate xenstore-domain-alone")
    added("domain-again", "XENSTORE_DOMAIN_REPEATED", [xs.domain(1), xs.domain(1)], [xs.domain(1), xs.domain(0)])
    added("domain-features-v1", "XENSTORE_DOMAIN_FEATURES", xs.domain(1, features=1), xs.domain(1), at=4)
    added("domain-quota-many", "XENSTORE_QUOTA_COUNT", xs.domain(1, many), xs.domain(1, many[:64]), at=2)
    added("domain-quota-again", "XENSTORE_QUOTA_REPEATED", xs.domain(1, [(b"a", 1)] * 2), [xs.domain(1, [(b"a", 1)]), xs.domain(0, [(b"a", 1)])])
    case("xenstore-domain-first", "XENSTORE_RECORD_MISSING", xs.state(peers=[], tail=[xs.domain(0)]), xs.state(peers=[xs.ring(1, 0)],
                                                                                                        tail=[xs.domain(0)]))


UPDATE, SINGLE = xs.x_update(), xs.x_domain()


def proposal():
    accept("xenstore-2020-update", UPDATE)
    accept("xenstore-2020-domain", SINGLE)
    accept("xenstore-2020-empty-values", xs.proposal(xs.x_start(3), xs.x_watch(b"/abcd", b""), xs.x_watch(b"abc", b"1234")))
    accept("xenstore-2020-only", xs.x_domain(), "--format xenstore-2020")

    def one(name, code, bad, good, options="", at=None, base=UPDATE):
        added(f"2020-{name}", code, bad, good, options, before="LX_END", base=base, at=at)

    one("kind-0", "XENSTORE_2020_TYPE", kind(0), xs.x_transaction(9), at=0)
    one("kind-7", "XENSTORE_2020_TYPE", kind(7), xs.x_transaction(9), at=0)
    one("record-8", "XENSTORE_RECORD_UNKNOWN", other(8), xs.x_transaction(9), at=-8)
    one("record-context", "XENSTORE_RECORD_UNKNOWN", libxl.libxc_context(), xs.x_transaction(9), at=-8)
    one("length-4", "XENSTORE_RECORD_LENGTH", sized(xs.x_transaction(9), 4), xs.x_transaction(9), at=-4)
    one("length-10", "XENSTORE_RECORD_LENGTH", sized(xs.x_transaction(9), 10), xs.x_transaction(9), at=-4)
    one("transaction-long", "XENSTORE_2020_LENGTH", sized(xs.x_transaction(9), 12), xs.x_transaction(9), at=8)
    one("domain-long", "XENSTORE_2020_LENGTH", sized(xs.x_start(9), 12), xs.x_start(9), at=8)
    one("node-cut", "XENSTORE_2020_LENGTH", sized(xs.x_node(b"/vm/x"), 16), xs.x_node(b"/vm/x"))
    one("node-long", "XENSTORE_2020_LENGTH", sized(xs.x_node(b"/vm/x"), 32), xs.x_node(b"/vm/x"))
    one("node-value-cut", "XENSTORE_2020_LENGTH", sized(xs.x_node(b"/vm/x", b"12345"), 32), xs.x_node(b"/vm/x", b"12345"))
    one("node-value-long", "XENSTORE_NODE_VALUE", xs.x_node(b"/vm/x", b"v" * 4097), xs.x_node(b"/vm/x", b"v" * 4096))
    one("value-behind", "XENSTORE_2020_LENGTH", longer(xs.x_node(b"/vm/x", b"12345")), xs.x_node(b"/vm/x", b"12345"))
    one("token-behind", "XENSTORE_2020_LENGTH", longer(xs.x_watch(b"/vm", b"12345")), xs.x_watch(b"/vm", b"12345"))
    one("path-pad", "XENSTORE_PADDING", poke(xs.x_node(b"/vm/x"), 15, 1), xs.x_node(b"/vm/x"), at=15)
    one("value-pad", "XENSTORE_PADDING", poke(xs.x_node(b"/vm/x", b"1"), -1, 1), xs.x_node(b"/vm/x", b"1"))
    one("token-pad", "XENSTORE_PADDING", poke(xs.x_watch(b"/vm/x"), -1, 1), xs.x_watch(b"/vm/x"))
    one("ring-pad", "XENSTORE_PADDING", [xs.x_start(2), poke(xs.x_ring(b"1"), -1, 1)], [xs.x_start(2), xs.x_ring(b"1")])
    one("domain-pad", "XENSTORE_RESERVED", xs.x_start(2, 1), xs.x_start(2), at=6)
    one("perm-pad", "XENSTORE_PERM_FLAGS", xs.x_node(b"/vm/x", perms=((b"n", 1, 0),)), xs.x_node(b"/vm/x"))
    one("perms-none", "XENSTORE_PERM_COUNT", xs.x_node(b"/vm/x", perms=()), xs.x_node(b"/vm/x"))
    one("perms-many", "XENSTORE_PERM_COUNT", xs.x_node(b"/vm/x", perms=(xs.OWNER,) * 1366), xs.x_node(b"/vm/x", perms=(xs.OWNER,) * 1365))
    one("special-node", "XENSTORE_PATH_RELATIVE", xs.x_node(b"@releaseDomain"), xs.x_node(b"/releaseDomain"), at=8)
    one("path-empty", "XENSTORE_PATH_LENGTH", xs.x_node(b""), xs.x_node(b"/vm/x"), at=4)
    one("path-long", "XENSTORE_PATH_LENGTH", xs.x_node(LONGEST + b"a"), xs.x_node(LONGEST), at=4)
    one("path-nul", "XENSTORE_PATH_NUL", xs.x_node(b"/vm\0"), xs.x_node(b"/vmx"), at=8 + 3)
    one("parent", "XENSTORE_NODE_PARENT", xs.x_node(b"/a/b"), xs.x_node(b"/a"))
    one("node-again", "XENSTORE_NODE_REPEATED", xs.x_node(b"/vm"), xs.x_node(b"/vm/x"))
    one("token-long", "XENSTORE_WATCH_LENGTH", xs.x_watch(b"/p", b"t" * 4093), xs.x_watch(b"/p", b"t" * 4092), at=12)
    one("token-nul", "XENSTORE_WATCH_TOKEN", xs.x_watch(b"/p", b"t\0t"), xs.x_watch(b"/p", b"t.t"), at=17)
    one("watch-again", "XENSTORE_WATCH_REPEATED", xs.x_watch(b"control/shutdown", b""), xs.x_watch(b"control/shutdown", b"x"))
    one("transaction-0", "XENSTORE_TRANSACTION_ID", xs.x_transaction(0), xs.x_transaction(6), at=4)
    one("transaction-again", "XENSTORE_TRANSACTION_ID", xs.x_transaction(5), xs.x_transaction(6), at=4)
    one("transaction-of-other", "XENSTORE_TRANSACTION_UNKNOWN", [xs.x_start(2), xs.x_transaction_node(5, b"/x")],
        [xs.x_start(2), xs.x_transaction(5), xs.x_transaction_node(5, b"/x")])
    one("deleted-value", "XENSTORE_NODE_ACCESS", xs.x_transaction_node(5, b"/x", b"1", ()), xs.x_transaction_node(5, b"/x", b"", ()))
    one("ring-again", "XENSTORE_2020_RING", xs.x_ring(b"1"), [xs.x_start(2), xs.x_ring(b"1")], at=4)
    one("ring-empty", "XENSTORE_2020_RING", [xs.x_start(2), xs.x_ring(b"")], [xs.x_start(2), xs.x_ring(b"1")])
    one("ring-limit", "XENSTORE_LIMIT_BUFFER", [xs.x_start(2), xs.x_ring(b"1" * 51)], [xs.x_start(2), xs.x_ring(b"1" * 50)],
        "--max-xenstore-buffer 50")
    one("domain-again", "XENSTORE_DOMAIN_REPEATED", xs.x_start(0), xs.x_start(2), at=4)
    one("domain-reserved", "XENSTORE_CONNECTION_DOMAIN", xs.x_start(0x7ff0), xs.x_start(0x7fef), at=4)
    one("domain-late", "XENSTORE_2020_DOMAIN", xs.x_start(2), xs.x_transaction(7), base=SINGLE, at=0)
    plain = hvm_stream()
    case("xenstore-2020-refused", "XENSTORE_REFUSED", SINGLE, plain, "--format libxl", offset=16)
    case("xenstore-2020-other", "FORMAT_REFUSED", plain, SINGLE, "--format xenstore-2020", offset=0)
    case("xenstore-2020-legacy", "XENSTORE_FLAGS", xs.proposal(*SINGLE.items[1:-1], options=2), SINGLE, offset=12)
    case("xenstore-2020-end-long", "XENSTORE_RECORD_LENGTH", edit(SINGLE, lambda s: s.resize("LX_END", 8)), SINGLE,
         offset=SINGLE.at("LX_END", 4))
    case("xenstore-2020-after-end", "TRAILING", SINGLE.copy().append(libxl.end()), SINGLE, offset=len(SINGLE))
    case("xenstore-2020-truncated", "TRUNCATED", SINGLE.cut(SINGLE.at("LX_END")), SINGLE)
    case("xenstore-2020-in-libxl", "LIBXL_RECORD_UNKNOWN", plain.copy().before("LX_END", xs.x_transaction(1)), plain,
         offset=plain.at("LX_END"))


def hvm_stream():
    return libxl.wrap_hvm(hvm.guest())


def kind(number):
    return xs.data(number, bytes(4), "KIND")


def other(rtype):
    record = xs.x_transaction(9)
    record.type = rtype
    return record


def sized(record, length):
    record.resize(length)
    return record


def longer(record):
    return sized(record, len(record.content()) + 4)


def poke(record, at, value):
    record.freeze()[at] = value
    return record


def build():
    for make in (accepted, framing, order, connections, messages, watches, depths, nodes, transactions, quotas, proposal):
        make()

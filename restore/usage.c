/* SPDX-License-Identifier: MIT */
#include "usage.h"

#define SEAL_OPTIONS \
    "  --seal FILE               only if each record is the one that xenvet seal saw\n" \
    "  --pubkey KEY.pem          and the seal is signed with this Ed25519 key\n"

void xv_usage(FILE *out) {
    (void)fputs("usage: xenvet COMMAND [OPTION]... [FILE]\n"
                "Decides whether a Xen domain image from an untrusted source is safe to restore.\n\n"
                "commands:\n"
                "  check FILE      say accepted or rejected, and why; FILE may be - for standard input\n"
                "  convert IN OUT  make another format of an image: of draft B, legacy, version 2; other containers\n"
                "  gate -- COMMAND  stand between an untrusted sender and xl migrate-receive or another command\n"
                "  gate --in FILE --out FILE  make a vetted copy\n"
                "  inspect FILE    show what is in an image\n"
                "  policy          print the policy that the options make, as a policy file\n"
                "  records         print the tables by which records are accepted\n"
                "  restore FILE    make the domain that an image holds\n"
                "  sandbox         say what this host provides to confine the part that reads images\n"
                "  seal IMAGE      write a manifest of a vetted image, which --seal of other commands compares with\n"
                "  verdicts        print the table of verdicts\n\n"
                "  --help, --version; xenvet COMMAND --help lists the options of a command\n\n"
                "exit status: 0 accepted, 1 rejected, 2 usage, 3 input, output or system failure,\n"
                "4 the receiving side failed\n\n"
                "examples:\n"
                "  xenvet check guest.save\n"
                "  zstd -dc guest.save.zst | xenvet check --json -\n"
                "  xenvet check --max-memory 8G --guests pvh,hvm --target-xen 4.17 guest.save\n",
                out);
}

static void names(FILE *out, const char *title, size_t set) {
    const struct xv_name_set *s = xv_name_set_at(set);
    (void)fprintf(out, "\n%s:\n", title);
    for (unsigned bit = 0; bit < 32 && s->name(bit) != NULL; bit++)
        (void)fprintf(out, "  %-26s%s\n", s->name(bit), s->text(bit));
}

static void judging_options(FILE *out) {
    (void)fputs("\npolicy:\n"
                "  --preset strict|lenient   what the other options change; strict unless given\n"
                "  --policy FILE             the same from a file, see xenvet policy and xenvet-policy(5)\n"
                "  --format auto|LIST        accept only these of xl,libxl,libxc,libvirt,xenopsd,legacy,draft-b,\n"
                "                            xenstore,xenstore-2020\n"
                "  --guests LIST             accept only these of pv64,pv32,hvm,pvh\n"
                "  --allow, --refuse LIST    things that an image may or may not be or bring, below\n"
                "  --tolerate, --no-tolerate LIST  deviations, below\n"
                "  --xen-min, --xen-max X.Y  the releases of Xen that may have saved the image\n"
                "  --target-xen X.Y          also check that this release can restore it\n"
                "\nlimits (sizes may end in K, M, G or T):\n"
                "  --max-memory SIZE         the guest's memory; or --max-guest-pages N, of 4 KiB\n"
                "  --max-vcpus N             --max-records N           --max-stream-bytes SIZE\n"
                "  --max-config-bytes SIZE   --max-emulator-bytes SIZE --max-emulator-keys N\n"
                "  --max-rounds N            --max-checkpoint-records N\n"
                "  --max-checkpoint-bytes SIZE  --config-slack-pages N\n"
                "  --max-xenstore-nodes N    --max-xenstore-watches N  --max-xenstore-connections N\n"
                "  --max-xenstore-depth N    --max-xenstore-names SIZE  --max-xenstore-transactions N\n"
                "  --max-xenstore-buffer SIZE  of a connection\n"
                "  --timeout SECONDS         for the whole run; 0, which is usual, for none\n"
                "  --idle SECONDS            without 64 KiB from a pipe, usually 60; 0 for none\n",
                out);
    names(out, "for --allow and --refuse", XV_SET_ALLOW);
    names(out, "for --tolerate and --no-tolerate", XV_SET_TOLERATE);
}

/* What --help says of a command; the options that make its policy stand between the two texts, if it has one. */
static const struct usage {
    enum xv_command command;
    const char *text;
    const char *examples; /* NULL: it has no policy */
} usages[] = {
    {XV_COMMAND_CHECK,
     "usage: xenvet check [-q] [--json] [OPTION]... FILE|-\n"
     "Says whether FILE is an image that may be restored. Exit status: 0 yes, 1 no.\n\n"
     "  -q, --quiet               no verdict on standard output, only the exit status\n"
     "  --json                    one JSON document, schema xenvet.check/1\n" SEAL_OPTIONS
     "  -h, --help                this text\n",
     "\nexamples:\n"
     "  xenvet check guest.save\n"
     "  xenvet check -q guest.save && xl restore guest.save\n"
     "  ssh host cat guest.save | xenvet check --timeout 600 -\n"
     "  xenvet check --preset lenient --refuse pass-through,scripts old.save\n"},
    {XV_COMMAND_GATE,
     "usage: xenvet gate [OPTION]... -- COMMAND [ARGUMENT]...\n"
     "       xenvet gate [OPTION]... --in FILE|- --out FILE|-\n"
     "Lets a stream through, record by record, as far as it is fit to be restored.\n\n"
     "  --protocol migrate|remus|colo  the conversation around the stream, usually migrate\n"
     "  --no-handshake            there is none: COMMAND only reads the stream\n"
     "  --in FILE, --out FILE     no command: a vetted copy; - is standard input or output\n"
     "  --config FILE             send this configuration in place of the sender's\n"
     "  --keep-config             send the sender's as it is, not only the fields that a restore needs\n"
     "  --xl PROGRAM|none         who destroys the domain that a killed xl leaves, usually COMMAND if it is xl\n" SEAL_OPTIONS
     "  --stall SECONDS           for a receiving side that does nothing, usually 120; 0 for none\n"
     "  --log-json FILE           append one line of JSON; - is standard error\n"
     "  --metrics FILE            add to counters in Prometheus' text format\n"
     "  -q, --quiet               say nothing about an acceptance\n"
     "  -h, --help                this text\n",
     "\nexamples:\n"
     "  xenvet gate --allow disks,nics -- xl migrate-receive\n"
     "  xenvet gate --no-handshake -- xl restore -p /dev/stdin <guest.save\n"
     "  xenvet gate --in upload.save --out vetted.save\n"},
    {XV_COMMAND_INSPECT,
     "usage: xenvet inspect [--json] [OPTION]... FILE|-\n"
     "Shows what is in FILE; if it is rejected, what came before that.\n\n"
     "  --json                    one JSON document, schema xenvet.inspect/1\n",
     "\nexamples:\n"
     "  xenvet inspect guest.save\n"
     "  xenvet inspect --json guest.save | jq .records\n"},
    {XV_COMMAND_POLICY,
     "usage: xenvet policy [OPTION]...\n"
     "Prints the policy that the options make, as a file for --policy.\n",
     "\nexamples:\n"
     "  xenvet policy --max-memory 4G --guests pvh > pvh.json\n"
     "  xenvet check --policy pvh.json guest.save\n"},
    {XV_COMMAND_RECORDS,
     "usage: xenvet records\n"
     "Prints which record may stand where, how often, how long and after what, as a table in Markdown.\n",
     NULL},
    {XV_COMMAND_CONVERT,
     "usage: xenvet convert [OPTION]... IN OUT\n"
     "Makes another format of an image. OUT appears whole and vetted, or not at all; - is standard input or output.\n\n"
     "  --from FORMAT             what IN is: auto, xl, libxl, libxc, libvirt, xenopsd, legacy, draft-b\n"
     "  --to v3|libxl|xl|libvirt|xenopsd  bare libxc stream of version 3, in a libxl stream, in an image;\n"
     "                            else in what IN has around it (legacy: libxl)\n"
     "  --lossy                   make up what IN does not say (draft B), leave out what OUT has no place for\n"
     "  --config FILE             the configuration, in place of the image's (--to xl), or XML (--to libvirt)\n"
     "  -q, --quiet               say nothing about success\n"
     "  -h, --help                this text\n",
     "\nexamples:\n"
     "  xenvet convert old.save new.save\n"
     "  xenvet convert --to v3 guest.save guest.libxc\n"
     "  xenvet convert --to xl --config guest.cfg guest.libxl guest.save\n"},
    {XV_COMMAND_RESTORE,
     "usage: xenvet restore [OPTION]... FILE|-\n"
     "       xenvet restore --reap\n"
     "Makes the domain that an image holds; it runs only if all of the image was accepted.\n\n"
     "  --backend libxenguest|xl|file  who makes it; file: --out FILE gets a vetted copy\n"
     "  --name NAME               the domain's name, usually the image's\n"
     "  --paused                  leave it paused\n"
     "  --uuid UUID|new           its uuid, usually the image's (libxenguest)\n"
     "  --memory SIZE, --vcpus N  needed if the image has no configuration (libxenguest)\n"
     "  --type pv|pvh|hvm         likewise; a guest that is not PV is PVH unless given\n"
     "  --config FILE             in place of the image's configuration; all facts that options leave open (libxenguest: JSON)\n" SEAL_OPTIONS
     "  --reap                    remove what killed runs have left\n"
     "  --stall SECONDS           for a back end that does nothing, usually 120; 0 for none\n"
     "  --log-json FILE           append one line of JSON; - is standard error\n"
     "  --metrics FILE            add to counters in Prometheus' text format\n"
     "  -q, --quiet               say nothing about success\n"
     "  -h, --help                this text\n",
     "\nexamples:\n"
     "  xenvet restore guest.save\n"
     "  xenvet restore --name copy --uuid new --paused guest.save\n"
     "  xenvet restore --backend xl --config guest.cfg guest.save\n"},
    {XV_COMMAND_SANDBOX,
     "usage: xenvet sandbox [--json]\n"
     "Tries each layer of the sandbox on this host. Exit status: 0 all of them are there, 3 not.\n\n"
     "  --json                    one JSON document, schema xenvet.sandbox/1\n",
     NULL},
    {XV_COMMAND_SEAL,
     "usage: xenvet seal [--sign KEY.pem] [OPTION]... IMAGE|- > IMAGE.seal\n"
     "Writes a manifest of IMAGE, if it is accepted: --seal of check, gate and restore compares with it.\n\n"
     "  --sign KEY.pem            signs it with this private Ed25519 key\n"
     "  -h, --help                this text\n",
     "\nexamples:\n"
     "  openssl genpkey -algorithm ed25519 -out seal.key\n"
     "  xenvet seal --sign seal.key guest.save > guest.save.seal\n"
     "  xenvet check --seal guest.save.seal --pubkey seal.pub guest.save\n"},
    {XV_COMMAND_VERDICTS,
     "usage: xenvet verdicts [--json|--markdown]\n"
     "Prints every verdict: its code, its name, its meaning and the rule it comes from.\n\n"
     "example:\n"
     "  xenvet verdicts | grep PTE\n",
     NULL},
};

void xv_usage_of(FILE *out, enum xv_command command) {
    size_t i = 0;

    while (usages[i].command != command && i + 1 < sizeof usages / sizeof usages[0])
        i++;
    (void)fputs(usages[i].text, out);
    if (usages[i].examples == NULL)
        return;
    judging_options(out);
    (void)fputs(usages[i].examples, out);
}

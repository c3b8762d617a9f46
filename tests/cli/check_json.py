#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_json.py SCHEMA [EXPRESSION]...: standard input is one document of the schema, documented key by key.

Each expression is Python about `d`, the document, and must be true."""
import json
import pathlib
import re
import sys

DOC = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "json-schema.md").read_text()
COUNT, HEX, TEXT, BOOL = "count", "hex", "text", "bool"
RECORD = {"number": COUNT, "type": HEX, "name": [TEXT, None]}
VERDICT = {
    "schema": TEXT, "version": TEXT, "input": TEXT, "status": TEXT, "verdict": TEXT, "code": COUNT, "layer": TEXT,
    "offset": [COUNT, None], "record": [RECORD, None], "found": [HEX, None], "allowed": [{"min": HEX, "max": HEX}, None],
    "rule": TEXT, "message": TEXT, "hints": (TEXT,),
}
ERROR = {"schema": TEXT, "version": TEXT, "input": TEXT, "status": TEXT, "message": TEXT}
CONFIG = {"bytes": COUNT, "name": TEXT, "uuid": TEXT, "type": TEXT, "max_vcpus": COUNT, "max_memkb": COUNT,
          "target_memkb": COUNT}
XENSTORE = {"state_version": COUNT, "big_endian": BOOL, "connections": COUNT, "domains": COUNT, "watches": COUNT,
            "transactions": COUNT, "quotas": COUNT, "nodes": COUNT, "value_octets": COUNT, "buffered_octets": COUNT}
STREAM = {
    "format": [TEXT, None], "guest": [TEXT, None], "libxc_version": COUNT, "xen": [TEXT, None], "legacy_converted": BOOL,
    "checkpointed": BOOL, "colo": BOOL, "verify": BOOL, "bytes": COUNT, "records": COUNT, "checkpoints": COUNT,
    "rounds": COUNT, "vcpus": COUNT, "page_entries": COUNT, "page_types": "types", "data_pages": COUNT,
    "populated_pages": COUNT, "resent_pages": COUNT, "max_pfn": COUNT, "config": [CONFIG, None], "xenstore": [XENSTORE, None],
}
CHECK = {"stream": STREAM, "tolerated": (TEXT,), "brings": (TEXT,), "notes": ({"field": TEXT, "offset": COUNT},)}


def listed(item):
    return {"items": (item,), "omitted": COUNT}


VCPU = {"id": COUNT, "VCPU_BASIC?": COUNT, "VCPU_EXTENDED?": COUNT, "VCPU_XSAVE?": COUNT, "VCPU_MSRS?": COUNT}
MSR = {"offset": COUNT, "index": HEX, "value": HEX}
XENSTORE_LISTS = {
    "connections": listed({"offset": COUNT, "id": COUNT, "domid": [COUNT, None], "descriptor": [COUNT, None],
                           "request_octets": COUNT, "response_octets": COUNT}),
    "domains": listed({"offset": COUNT, "domid": COUNT, "features": HEX}),
    "quotas": listed({"offset": COUNT, "domid": [COUNT, None], "name": TEXT, "value": HEX}),
    "watches": listed({"offset": COUNT, "connection": COUNT, "path": TEXT, "depth": [COUNT, None]}),
    "transactions": listed({"offset": COUNT, "connection": COUNT, "id": COUNT}),
    "nodes": listed({"offset": COUNT, "path": TEXT, "owner": COUNT, "permissions": COUNT, "octets": COUNT,
                     "connection": [COUNT, None], "transaction": [COUNT, None]}),
}
INSPECT = {
    "complete": BOOL, "stream": STREAM,
    "layers": listed({"offset": COUNT, "name": TEXT, "version": COUNT}),
    "config_fields": listed(TEXT),
    "records": listed({"offset": COUNT, "layer": TEXT, "type": HEX, "name": TEXT, "count": COUNT, "octets": COUNT}),
    "memory": listed({"first_pfn": COUNT, "last_pfn": COUNT, "kind": TEXT, "resent": BOOL}),
    "vcpus": listed(VCPU),
    "hvm_context": listed({"offset": COUNT, "typecode": COUNT, "name": TEXT, "first_instance": COUNT, "instances": COUNT,
                           "octets": COUNT}),
    "hvm_params": listed({"offset": COUNT, "index": COUNT, "name": TEXT, "value": HEX}),
    "cpuid_policy": listed({"offset": COUNT, "leaf": HEX, "subleaf": HEX, "eax": HEX, "ebx": HEX, "ecx": HEX, "edx": HEX}),
    "msr_policy": listed(MSR), "vcpu_msrs": listed(MSR),
    "tsc": [{"mode": COUNT, "khz": COUNT, "elapsed_ns": HEX}, None],
    "emulators": listed({"offset": COUNT, "id": COUNT, "octets": COUNT}),
    "emulator_keys": listed({"offset": COUNT, "key": TEXT, "value": HEX}),
    "xenstore": [XENSTORE_LISTS, None],
}
VERDICTS = {"schema": TEXT, "verdicts": ({"code": COUNT, "name": TEXT, "layer": TEXT, "text": TEXT, "rule": TEXT},)}
POLICY = {key: COUNT for key in (
    "max_guest_pages", "max_vcpus", "max_records", "max_stream_bytes", "max_config_bytes", "max_emulator_bytes",
    "max_emulator_keys", "max_rounds", "max_checkpoint_records", "max_checkpoint_bytes", "config_slack_pages",
    "timeout_seconds", "idle_seconds", "max_xenstore_nodes", "max_xenstore_names", "max_xenstore_depth",
    "max_xenstore_connections", "max_xenstore_watches", "max_xenstore_transactions", "max_xenstore_buffer")}
POLICY.update({"schema": TEXT, "formats": (TEXT,), "guests": (TEXT,), "tolerate": (TEXT,), "allow": (TEXT,),
               "xen_min": [TEXT, None], "xen_max": [TEXT, None], "target_xen": [TEXT, None]})
PAGE_TYPES = {f"L{i}TAB{pin}" for i in (1, 2, 3, 4) for pin in ("", "_PINNED")} | {"NOTAB", "BROKEN", "XALLOC", "XTAB"}


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1 << 53


def matches(value, shape):
    if shape is None:
        return value is None
    if isinstance(shape, list):
        return any(matches(value, one) for one in shape)
    if isinstance(shape, tuple):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and fits(value, shape)
    return {COUNT: is_count, BOOL: lambda v: isinstance(v, bool), TEXT: lambda v: isinstance(v, str),
            HEX: lambda v: isinstance(v, str) and re.fullmatch("0x(0|[1-9a-f][0-9a-f]{0,15})", v),
            "types": lambda v: isinstance(v, dict) and set(v) <= PAGE_TYPES and all(map(is_count, v.values())),
            }[shape](value)


def fits(value, shape):
    """Exactly the keys of the shape, each as it says, each in the documentation."""
    if not isinstance(shape, dict):
        return matches(value, shape)
    known = {key.rstrip("?"): one for key, one in shape.items()}
    must = {key for key in shape if not key.endswith("?")}
    assert must <= set(value) <= set(known), f"keys {sorted(set(value) ^ must)}"
    for key, one in value.items():
        assert f"`{key}`" in DOC, f"{key} is not in docs/json-schema.md"
        assert matches(one, known[key]), f"{key} is {one!r}"
    return True


def main(schema, *expressions):
    d = json.loads(sys.stdin.read())
    assert d["schema"] == schema, d["schema"]
    command = schema.split(".")[1].split("/")[0]
    rest = {"check": CHECK, "inspect": INSPECT}.get(command)
    if rest is not None:
        shape = {**(ERROR if d["status"] == "error" else VERDICT), **rest}
    else:
        shape = {"verdicts": VERDICTS, "policy": POLICY}[command]
    assert fits(d, shape)
    for expression in expressions:
        assert eval(expression), f"{expression} is false of {json.dumps(d, indent=1)[:3000]}"


main(*sys.argv[1:])

#!/usr/bin/env python3
"""Fails on an import that the table of docs/decisions.md ("Targets") does not allow.

The compiler lets a target import what its dependencies depend on; this compares every `import` with
what the target itself declares in Package.swift, and the declarations with the table below.
"""
import json
import pathlib
import re
import subprocess
import sys

# Which of our own targets each may import. The table is the plan; Package.swift has to fit it.
ALLOWED = {
    "CCurl": set(), "CXMLSecurity": set(), "CTOML": set(),
    "Tenancy": set(),
    "ConfigurationFile": {"Tenancy", "CTOML"},
    "Fetch": {"CCurl"},
    "SAML": {"CXMLSecurity"},
    "OIDC": set(),
    "Storage": {"Tenancy"},
    "SignOn": {"Tenancy", "SAML", "OIDC", "Storage"},
    "Proxy": set(),
    "Web": {"SignOn", "Storage", "Tenancy"},
    "DemoWorld": set(),
    "FuzzSupport": set(),
    "gateway": {"Tenancy", "ConfigurationFile", "Fetch", "SAML", "OIDC", "Storage", "SignOn", "Proxy", "Web", "DemoWorld"},
}
# Part of the toolchain.
SYSTEM = {"Swift", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing", "Dispatch", "XCTest", "Musl"}

IMPORT = re.compile(r"^\s*(?:@[\w()]+\s+)*(?:public |internal |private |fileprivate |package )?import\s+"
                    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.M)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    described = subprocess.run(["swift", "package", "describe", "--type", "json"], cwd=root, check=True,
                               stdout=subprocess.PIPE).stdout
    targets = json.loads(described)["targets"]
    problems, checked = [], 0
    for target in targets:
        name, is_test = target["name"], target["type"] == "test"
        own = set(target.get("target_dependencies", []))
        products = set(target.get("product_dependencies", []))
        if not is_test:
            if name not in ALLOWED:
                problems.append(f"Package.swift: target {name} is not in the table of {pathlib.Path(__file__).name}")
                continue
            for other in sorted(own - ALLOWED[name]):
                problems.append(f"Package.swift: {name} must not depend on {other}")
        for source in target["sources"]:
            if not source.endswith(".swift"):
                continue
            path = root / target["path"] / source
            for match in IMPORT.finditer(path.read_text(encoding="utf-8")):
                checked += 1
                module = match.group(1)
                if module not in own | products | SYSTEM and not (module == "X509" and "X509" in products):
                    line = path.read_text(encoding="utf-8").count("\n", 0, match.start()) + 1
                    problems.append(f"{path.relative_to(root)}:{line}: {name} imports {module} without declaring it")
    for problem in problems:
        print(problem, file=sys.stderr)
    if checked == 0:
        sys.exit("no import was found: the check checked nothing")
    print(f"{checked} imports in {len(targets)} targets, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()

"""What a cheat would do to a proof file: exchange a text, and make everything around it agree again.

    python3 alter-proof.py PROOF.zip OUT.zip OLD NEW MEMBER...

In every member whose name begins with one of MEMBER, OLD becomes NEW. The digests in MANIFEST, the
checksums and the zip itself are made anew, in the form that the format asks for. What cannot be made
anew without the seller's key is the signature over the head. With OLD and NEW empty one bit in the
middle of the file is turned, as a bad disk would.
"""

import hashlib
import sys
import zipfile


def main(proof, out, old, new, *members):
    if not old:
        data = bytearray(open(proof, "rb").read())
        data[len(data) // 2] ^= 1
        open(out, "wb").write(data)
        return
    with zipfile.ZipFile(proof) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    changed = 0
    for name in held:
        if name.startswith(members):
            changed += held[name].count(old.encode())
            held[name] = held[name].replace(old.encode(), new.encode())
    held.pop("MANIFEST")
    lines = [f"{hashlib.sha256(held[name]).hexdigest()}  {name}\n" for name in sorted(held)]
    held["MANIFEST"] = "".join(lines).encode()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(held):
            info = zipfile.ZipInfo(name)
            info.create_system = 0
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, held[name])
            info.external_attr = 0
    print(f"{changed} times {old} is {new} in {out}")


main(*sys.argv[1:])

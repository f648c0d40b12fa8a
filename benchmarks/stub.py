"""The tests' stub server in a process of its own: sorts mail after a fixed latency, until its parent ends it.

python benchmarks/stub.py PORT_FILE LATENCY_SECONDS LIFETIME_SECONDS
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes.stub_server import StubServer, by_keyword


def main() -> None:
    """Serve until the lifetime is over."""
    port_file, latency, lifetime = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    script = by_keyword({"order": "shop"}, otherwise="other")
    with StubServer(lambda asked: script(asked).later(latency)) as server:
        port_file.write_text(server.base)
        time.sleep(lifetime)


if __name__ == "__main__":
    main()

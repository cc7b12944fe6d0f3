"""Lighthouse (mobile) on the home page and an article of the built site: `make bench-pages`.

Serves ``site/`` on the loopback with gzip, as any static host does, and runs the ``lighthouse`` found on PATH or named
by ``LIGHTHOUSE`` (``npm install lighthouse``). Prints the median of RUNS for each category; scores depend on the
machine, so they are no test.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("index.html", "transformer/flash-attention.html")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
CHROME = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"


class Compressed(http.server.SimpleHTTPRequestHandler):
    """Static files, text compressed, cached for a day."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=86400")
        if path.suffix in (".html", ".css", ".js", ".json", ".svg"):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    tool = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    site = ROOT / "site"
    if not tool or not site.is_dir():
        print("needs a built site (make site) and lighthouse (npm install lighthouse; LIGHTHOUSE=…)", file=sys.stderr)
        return 2
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for page in PAGES:
        scores: dict[str, list[int]] = {name: [] for name in CATEGORIES}
        failed: set[str] = set()
        for _ in range(RUNS):
            command = [tool, f"http://127.0.0.1:{server.server_port}/{page}", "--quiet", "--output=json",
                       f"--chrome-flags={CHROME}", f"--only-categories={','.join(CATEGORIES)}"]  # fmt: skip
            report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            for name in CATEGORIES:
                scores[name].append(round(report["categories"][name]["score"] * 100))
                for item in report["categories"][name]["auditRefs"]:
                    audit = report["audits"][item["id"]]
                    if item["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                        failed.add(f"{item['id']} {audit.get('displayValue', '')}".strip())
        print(page, {name: statistics.median(values) for name, values in scores.items()}, scores)
        for line in sorted(failed):
            print("   below 0.9:", line)
    return 0


if __name__ == "__main__":
    sys.exit(main())

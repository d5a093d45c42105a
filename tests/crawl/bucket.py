"""An S3-compatible storage on loopback, in a process of its own, and before it a door that can fail.

    python tests/crawl/bucket.py     prints the ports of storage and door, and serves until its input ends

The door passes requests on. While a file `rules.json` is in its folder it fails those that a rule names:
{"method": "PUT", "status": 500, "times": 3} answers three of them with 500; "status": 0 hangs up without an answer.
"""

import http.client
import json
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from moto.server import ThreadedMotoServer


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage_port = 0
    folder = Path()
    lock = threading.Lock()
    n_asked = 0

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status = self.fault()
        if status == 0:
            self.close_connection = True
            return
        if status is not None:
            self.answer(status, [], b"<Error><Code>MadeUp</Code></Error>")
            return
        storage = http.client.HTTPConnection("127.0.0.1", self.storage_port)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        storage.request(self.command, self.path, body, headers)
        response = storage.getresponse()
        data = response.read()
        storage.close()
        self.answer(response.status, response.getheaders(), data)

    def fault(self):
        """The status to fail with, or None."""
        path = self.folder / "rules.json"
        with self.lock:
            rule = json.loads(path.read_text()) if path.is_file() else {}
            if not rule.get("times") or rule["method"] != self.command:
                return None
            path.write_text(json.dumps(rule | {"times": rule["times"] - 1, "done": rule.get("done", 0) + 1}))
            return rule["status"]

    def answer(self, status, headers, data):
        self.send_response(status)
        hidden = {"connection", "content-length", "date", "server", "transfer-encoding"}
        length = {name.lower(): value for name, value in headers}.get("content-length", len(data))
        for name, value in headers:
            if name.lower() not in hidden:
                self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" else len(data))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 - names that the library calls

    def log_message(self, *_):
        pass


def main():
    storage = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    storage.start()
    Door.storage_port = storage.get_host_and_port()[1]
    with tempfile.TemporaryDirectory() as folder:
        Door.folder = Path(folder)
        door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        door.daemon_threads = True
        threading.Thread(target=door.serve_forever, daemon=True).start()
        print(json.dumps({"storage": Door.storage_port, "door": door.server_port, "folder": folder}), flush=True)  # noqa: T201 - read by the tests
        sys.stdin.read()
        door.shutdown()
        storage.stop()


if __name__ == "__main__":
    main()

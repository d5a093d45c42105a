"""A server that sends, byte by byte, what a table says."""

import contextlib
import socket
import threading
from collections import Counter


class Scripted:
    """`reply` gives the bytes of the answer, or an iterator of them, for a host and a path; counts who was asked."""

    def __init__(self, reply, place=("127.0.0.1", 0)):
        self.reply = reply
        self.asked = Counter()
        self.heads = []
        self.is_open = True
        self.socket = socket.create_server(place, backlog=256)
        self.port = self.socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                threading.Thread(target=self.handle, args=(client,), daemon=True).start()

    def handle(self, client):
        with contextlib.suppress(OSError, IndexError), client:
            head = client.recv(65536).decode("latin-1")
            host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
            path = head.split(" ")[1]
            self.asked[host, path] += 1
            self.heads.append(head)
            said = self.reply(host, path)
            for piece in [said] if isinstance(said, bytes) else said:
                client.sendall(piece)
                if not self.is_open:
                    break

    def close(self):
        self.is_open = False
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

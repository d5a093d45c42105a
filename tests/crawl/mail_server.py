"""A mail server on loopback that takes whatever is sent, and says who logged in."""

import socketserver
import threading
from contextlib import contextmanager

ANSWERS = {"EHLO": "250-here\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 ok", "DATA": "354 go on", "QUIT": "221 bye"}


class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 here")
        for line in iter(self.rfile.readline, b""):
            word = line.split()[0].decode().upper()
            self.say(ANSWERS.get(word, "250 ok"))
            if word == "AUTH":
                self.server.logins.append(line.decode())
            if word == "DATA":
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(letter.decode())
                self.say("250 taken")
            if word == "QUIT":
                return


@contextmanager
def mailbox():
    """The server: `letters` and `logins` that came."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.letters, server.logins, server.daemon_threads = [], [], True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

"""Servers that say what they are told to, and remember what they were asked."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset


@contextmanager
def answering(
    answer: Callable[[socket.socket], None], *, host: str = "127.0.0.1", port: int = 0, context=None
) -> Iterator[tuple[int, list[bytes]]]:
    """Each connection's request is read up to its empty line and then given to `answer`; port and requests."""
    asked: list[bytes] = []
    with socket.create_server((host, port)) as server:
        threading.Thread(target=_accepting, args=(server, answer, asked, context), daemon=True).start()
        yield server.getsockname()[1], asked
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _accepting(server: socket.socket, answer: Callable[[socket.socket], None], asked: list, context) -> None:
    while True:
        try:
            plain, _where = server.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(plain, answer, asked, context), daemon=True).start()


def _one(plain: socket.socket, answer: Callable[[socket.socket], None], asked: list, context) -> None:
    with suppress(OSError), plain:
        connection = context.wrap_socket(plain, server_side=True) if context else plain
        connection.settimeout(10)
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(65_536)
            if not more:
                return
            request += more
        asked.append(request)
        answer(connection)
        if isinstance(connection, ssl.SSLSocket):
            connection.close()


def saying(text: bytes) -> Callable[[socket.socket], None]:
    """The whole answer, at once."""
    return lambda connection: connection.sendall(text)


OK = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Rebinding:
    """A name server that gives the next of its answers at each question; the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.questions = list(answers), 0

    def next(self) -> list[str]:
        """What it answers now."""
        self.questions += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def name_server(zone: Rebinding) -> Iterator[Callable[[str, int], list[str]]]:
    """A resolver that asks that server over the network, each time anew."""

    class Names(BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            asked = dns.message.from_wire(data)
            answer = dns.message.make_response(asked)
            answer.answer.append(dns.rrset.from_text(asked.question[0].name, 0, "IN", "A", *zone.next()))
            sock.sendto(answer.to_wire(), self.client_address)

    with ThreadingUDPServer(("127.0.0.1", 0), Names) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.cache = ["127.0.0.1"], server.server_address[1], None
        yield lambda host, _port: [one.address for one in resolver.resolve(host, "A", search=False)]
        server.shutdown()

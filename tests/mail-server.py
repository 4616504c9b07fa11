"""A mail server of a test's own (aiosmtpd, a Debian package). Prints its port, then each mail that it takes as a
line of JSON, read as mail programs read it. Who is called `nobody` is unknown here; `auth` asks for a login, and
tells of each that is tried. `tls FILE` and `starttls FILE` encrypt, by the key and the certificate in a file; who goes
on in the clear all the same is not held up."""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult


class Desk:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "450 4.2.1 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        told = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "body": mail.get_content().replace("\r\n", "\n"),
            "login": session.authenticated,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
        }
        print(json.dumps(told), flush=True)
        return "250 OK"


def known(server, session, envelope, mechanism, data):
    print(json.dumps({"tried": data.login.decode()}), flush=True)
    # What is not handled here is refused by the server.
    return AuthResult(success=(data.login, data.password) == (b"nianbao", b"correct"), handled=False)


async def serve():
    demands = {}
    if "auth" in sys.argv:
        demands = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    loop = asyncio.get_running_loop()
    first = None
    for way in {"tls", "starttls"} & set(sys.argv):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[sys.argv.index(way) + 1])
        if way == "tls":
            first = context
        else:
            demands["tls_context"] = context
    server = await loop.create_server(lambda: SMTP(Desk(), loop=loop, **demands), "127.0.0.1", 0, ssl=first)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Until whoever started it goes.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())

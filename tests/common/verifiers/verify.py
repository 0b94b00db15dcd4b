# Dials servers as Python's default context does. A line of stdin is PORT FILE, the second the
# CAs; a line of stdout says ok, or what is wrong.
import socket
import ssl
import sys

host = sys.argv[1]
for line in sys.stdin:
    port, cas = line.split()
    try:
        context = ssl.create_default_context(cafile=cas)
        with socket.create_connection(("127.0.0.1", int(port)), 30) as plain:
            with context.wrap_socket(plain, server_hostname=host) as tls:
                tls.sendall(b"x")
        print("ok", flush=True)
    except OSError as error:
        print(str(error).replace("\n", " "), flush=True)

"""Connections that do little, for tests/benches/serve.

    python3 connections.py idle|slow COUNT PORT [CA]

idle: each asks once for the CA, reads the answer, and stays open. slow: each says one byte of a
request a second, never all of it; one that is cut comes again. With CA they speak TLS. Says
"ready" when all are there, and ends with its input.
"""

import asyncio
import resource
import ssl
import sys

REQUEST = b"GET /api/v1/ca.pem HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def connect(port, tls):
    return await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=tls and "localhost")


async def idle(port, tls, ready):
    reader, writer = await connect(port, tls)
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    ready.release()
    await asyncio.Event().wait()
    writer.close()


async def slow(port, tls, ready):
    while True:
        try:
            _, writer = await connect(port, tls)
            ready.release()
            for byte in REQUEST[:-2]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
            writer.close()
        except OSError:
            pass


async def main(what, count, port, ca=None):
    tls = ssl.create_default_context(cafile=ca) if ca else None
    ready = asyncio.Semaphore(0)
    does = {"idle": idle, "slow": slow}[what]
    tasks = []
    for number in range(int(count)):
        tasks.append(asyncio.create_task(does(int(port), tls, ready)))
        if number % 50 == 49:
            for _ in range(50):
                await ready.acquire()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()


_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
asyncio.run(main(*sys.argv[1:]))

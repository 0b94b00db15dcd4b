# Opens a new connection with TLS again and again, and prints what came of each:
#
#   client.py TARGETS DIR PER_SECOND
#
# TARGETS has a line FAMILY PORT for each server; DIR is a link to the files that are to be used
# now, which each connection reads again, and no connection is tried twice. A line printed:
# MILLISECONDS TARGET ok, or fail and why. Ends with the connection that is under way when stdin
# ends. $MYSQL_DRIVER is mysql.connector or pymysql. A busy machine has a minute for each answer.

import importlib
import os
import sys
import threading
import time

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

targets = [line.split() for line in open(sys.argv[1])]
directory, pause = sys.argv[2], 1 / float(sys.argv[3])
mysql = importlib.import_module(os.environ["MYSQL_DRIVER"])
timeout = "connection_timeout" if mysql.__name__ == "mysql.connector" else "connect_timeout"
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()


def connect(family, port):
    here = os.path.realpath(directory)
    ca, cert, key = (f"{here}/{name}.pem" for name in ("ca", "client-cert", "client-key"))
    password = os.environ["DB_PASSWORD"]
    if family == "mysql":
        connection = mysql.connect(
            host="localhost", port=port, user="app", password=password, ssl_ca=ca,
            ssl_verify_cert=True, ssl_verify_identity=True, ssl_cert=cert, ssl_key=key,
            **{timeout: 60},
        )
        cursor = connection.cursor()
        cursor.execute("SELECT 7")
        cursor.fetchone()
        connection.close()
    elif family == "postgresql":
        with psycopg.connect(
            host="localhost", port=port, user="app", password=password, dbname="postgres",
            sslmode="verify-full", sslrootcert=ca, sslcert=cert, sslkey=key,
        ) as connection:
            connection.execute("SELECT 7").fetchone()
    else:
        client = redis.Redis(
            host="localhost", port=port, ssl=True, ssl_cert_reqs="required", ssl_ca_certs=ca,
            ssl_check_hostname=True, ssl_certfile=cert, ssl_keyfile=key,
            retry=Retry(NoBackoff(), 0),
        )
        client.ping()
        client.close()


number = 0
while not ended.is_set():
    target = number % len(targets)
    number += 1
    begin = time.time()
    try:
        connect(targets[target][0], int(targets[target][1]))
        outcome = "ok"
    except Exception as error:
        outcome = "fail " + " ".join(f"{type(error).__name__}: {error}".split())
    print(int(begin * 1000), target, outcome, flush=True)
    ended.wait(max(0, begin + pause - time.time()))

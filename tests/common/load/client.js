// Opens a new connection with TLS again and again, as client.py does, and prints the same.

const fs = require("fs");
const mysql = require("mysql2/promise");
const { Client } = require("pg");
const Redis = require("ioredis");

const [file, directory, rate] = process.argv.slice(2);
const targets = fs.readFileSync(file, "utf8").trim().split("\n").map((line) => line.split(/\s+/));
let ended = false;
process.stdin.on("end", () => { ended = true; }).resume();

async function connect(family, port) {
  const here = fs.realpathSync(directory);
  const [ca, cert, key] = ["ca", "client-cert", "client-key"].map((name) => fs.readFileSync(`${here}/${name}.pem`));
  const password = process.env.DB_PASSWORD;
  if (family === "mysql") {
    const connection = await mysql.createConnection({
      host: "localhost", port, user: "app", password, connectTimeout: 60000,
      ssl: { ca, cert, key, rejectUnauthorized: true, verifyIdentity: true },
    });
    await connection.query("SELECT 7");
    connection.destroy();
  } else if (family === "postgresql") {
    const client = new Client({ host: "localhost", port, user: "app", password, database: "postgres", ssl: { ca, cert, key } });
    client.on("error", () => {});
    await client.connect();
    await client.query("SELECT 7");
    await client.end();
  } else {
    const client = new Redis({ host: "localhost", port, tls: { ca, cert, key }, lazyConnect: true, retryStrategy: null, connectTimeout: 60000 });
    let fault;
    client.on("error", (error) => { fault = error; });
    try {
      await client.connect();
      await client.ping();
    } catch (error) {
      throw fault ?? error;
    } finally {
      client.disconnect();
    }
  }
}

async function main() {
  for (let number = 0; !ended; number++) {
    const target = number % targets.length;
    const begin = Date.now();
    let outcome = "ok";
    try {
      await connect(targets[target][0], Number(targets[target][1]));
    } catch (error) {
      outcome = `fail ${error.code ?? ""} ${error.message}`.replace(/\s+/g, " ");
    }
    console.log(`${begin} ${target} ${outcome}`);
    await new Promise((next) => setTimeout(next, Math.max(0, begin + 1000 / rate - Date.now())));
  }
  process.exit(0);
}

main();

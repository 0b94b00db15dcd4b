// As verify.mjs, for Node 8: dials servers with Node's tls. A line of stdin is PORT FILE, the second
// the CAs; a line of stdout says ok, or what is wrong.
"use strict";
const { readFileSync } = require("fs");
const { connect } = require("tls");

const servername = process.argv[2];
const dial = (port, file) =>
  new Promise((told) => {
    const socket = connect({ host: "127.0.0.1", port, servername, ca: readFileSync(file) });
    socket.on("secureConnect", () => socket.end("x", () => told("ok")));
    socket.on("error", (error) => told(`${error.code} ${error.message.replace(/\s+/g, " ")}`));
  });
(async () => {
  for (const line of readFileSync(0, "utf8").trim().split("\n")) {
    const [port, file] = line.split(" ");
    console.log(await dial(Number(port), file));
  }
})();

//! Which clients there are of a server, and what makes programs of their snippets.

use super::{Runner, Tool};
use crate::common::db::{Engine, Family};

const SQL: &str = " --batch --skip-column-names --no-auto-rehash --execute='SELECT 7'";
const MYSQL_PY: &str =
    "cursor = connection.cursor()\ncursor.execute('SELECT 7')\nprint(cursor.fetchone()[0])\n";
const MYSQL_JS: &str = "connection.query('SELECT 7 AS n', (error, rows) => {\n\
    if (error) { console.error(error); process.exit(1); }\n\
    console.log(rows[0].n); connection.destroy(); });\n";
const PG_PY: &str = "print(connection.execute('SELECT 7').fetchone()[0])\n";
const PG_JS: &str = "client.connect().then(() => client.query('SELECT 7 AS n'))\n\
    .then((result) => { console.log(result.rows[0].n); return client.end(); })\n\
    .catch((error) => { console.error(error); process.exit(1); });\n";
const REDIS_PY: &str = "print(client.ping() and 7)\n";
const REDIS_JS: &str = "client.on('error', (error) => { console.error(error); process.exit(1); });\n\
    client.ping().then(() => { console.log(7); client.disconnect(); });\n";
const PDO: &str = "echo $pdo->query('SELECT 7')->fetchColumn();\n";

const GO_MYSQL: [&str; 2] = [
    "\"crypto/tls\"\n\"crypto/x509\"\n\"database/sql\"\n\"fmt\"\n\"log\"\n\"net\"\n\"os\"\n\
     \"github.com/go-sql-driver/mysql\"",
    "if err != nil { log.Fatal(err) }\nvar answer int\n\
     if err := sql.OpenDB(connector).QueryRow(\"SELECT 7\").Scan(&answer); err != nil { log.Fatal(err) }\n\
     fmt.Println(answer)",
];
const GO_PG: [&str; 2] = [
    "\"context\"\n\"fmt\"\n\"log\"\n\"os\"\n\"github.com/jackc/pgx/v5\"",
    "connection, err := pgx.Connect(context.Background(), os.Args[2])\n\
     if err != nil { log.Fatal(err) }\nvar answer int\n\
     if err := connection.QueryRow(context.Background(), \"SELECT 7\").Scan(&answer); err != nil { log.Fatal(err) }\n\
     fmt.Println(answer)",
];
const GO_REDIS: [&str; 2] = [
    "\"context\"\n\"crypto/tls\"\n\"crypto/x509\"\n\"fmt\"\n\"log\"\n\"net\"\n\"os\"\n\
     \"github.com/redis/go-redis/v9\"",
    "if err := client.Ping(context.Background()).Err(); err != nil { log.Fatal(err) }\n\
     fmt.Println(7)",
];

const SQLX_MYSQL: &str = "let mut connection = options.connect().await?;\n\
    println!(\"{}\", sqlx::query_scalar::<_, i64>(\"SELECT 7\").fetch_one(&mut connection).await?);";
const MYSQL_ASYNC: &str = "let mut connection = mysql_async::Conn::new(options).await?;\n\
    println!(\"{}\", connection.query_first::<i64, _>(\"SELECT 7\").await?.unwrap());";
const SQLX_PG: &str = "let mut connection = options.connect().await?;\n\
    println!(\"{}\", sqlx::query_scalar::<_, i32>(\"SELECT 7\").fetch_one(&mut connection).await?);";
const TOKIO_PG: &str = "tokio::spawn(connection);\n\
    println!(\"{}\", client.query_one(\"SELECT 7\", &[]).await?.get::<_, i32>(0));";
const REDIS_RS: &str = "let mut connection = client.get_connection()?;\n\
    redis::cmd(\"PING\").query::<String>(&mut connection)?;\nprintln!(\"7\");";

fn runner(client: &'static str, tool: Tool, before: &'static str, after: &'static str) -> Runner {
    let host = match client {
        "pdo-mysql" => "127.0.0.1",   // localhost is a Unix socket to it
        "ruby-mysql2" => "127.0.0.2", // and to it; of 127.0.0.1 it checks no name
        _ => "localhost",
    };
    Runner { client, host, tool, before, after }
}

/// The clients that ask a server of the engine.
pub fn runners(engine: Engine) -> Vec<Runner> {
    let mysql = vec![
        runner("mysql-connector-python", Tool::Python, "", MYSQL_PY),
        runner("pymysql", Tool::Python, "", MYSQL_PY),
        runner("node-mysql2", Tool::Node, "", MYSQL_JS),
        runner("mariadb-connector-j", Tool::Java, "", ""),
        runner("go-sql-driver", Tool::Go, GO_MYSQL[0], GO_MYSQL[1]),
        runner("pdo-mysql", Tool::Php, "<?php\n", PDO),
        runner(
            "ruby-mysql2",
            Tool::Ruby,
            "require 'mysql2'\n",
            "puts client.query('SELECT 7 AS n').first['n']\n",
        ),
        runner("sqlx-mysql", Tool::Rust, "use sqlx::ConnectOptions;", SQLX_MYSQL),
        runner("mysql-async", Tool::Rust, "use mysql_async::prelude::Queryable;", MYSQL_ASYNC),
    ];
    match engine.family() {
        Family::MySql => [vec![runner("mysql", Tool::Shell(engine), "", SQL)], mysql]
            .into_iter()
            .flatten()
            .collect(),
        Family::MariaDb => vec![
            runner("mariadb", Tool::Shell(Engine::MariaDb1011), "", SQL),
            runner("mariadb", Tool::Shell(Engine::MariaDb118), "", SQL),
        ]
        .into_iter()
        .chain(mysql)
        .collect(),
        Family::PostgreSql => vec![
            runner("psql", Tool::Shell(Engine::Pg15), "", " -Atc 'SELECT 7'"),
            runner("psql", Tool::Shell(Engine::Pg17), "", " -Atc 'SELECT 7'"),
            runner("libpq", Tool::Psql(engine), "", ""),
            runner("pgjdbc", Tool::Java, "", ""),
            runner("psycopg", Tool::Python, "", PG_PY),
            runner("node-pg", Tool::Node, "", PG_JS),
            runner("pgx", Tool::GoString, GO_PG[0], GO_PG[1]),
            runner("pdo-pgsql", Tool::Php, "<?php\n", PDO),
            runner(
                "ruby-pg",
                Tool::Ruby,
                "require 'pg'\n",
                "puts connection.exec('SELECT 7').getvalue(0, 0)\n",
            ),
            runner("sqlx-postgres", Tool::Rust, "use sqlx::ConnectOptions;", SQLX_PG),
            runner("tokio-postgres", Tool::Rust, "", TOKIO_PG),
            runner("psqlodbc", Tool::Isql, "", ""),
        ],
        Family::Redis => vec![
            runner("redis-cli", Tool::Shell(Engine::Redis7), "", " -e EVAL 'return 7' 0"),
            runner("valkey-cli", Tool::Shell(Engine::Valkey9), "", " -e EVAL 'return 7' 0"),
            runner("redis-py", Tool::Python, "", REDIS_PY),
            runner("ioredis", Tool::Node, "", REDIS_JS),
            runner("go-redis", Tool::Go, GO_REDIS[0], GO_REDIS[1]),
            runner(
                "redis-rb",
                Tool::Ruby,
                "require 'redis'\n",
                "puts client.ping == 'PONG' ? 7 : 0\n",
            ),
            runner("redis-rs", Tool::Rust, "", REDIS_RS),
        ],
    }
}

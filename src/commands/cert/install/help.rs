//! The long help of `cert install`.

pub(super) const HELP: &str = "\
EXAMPLES
  MariaDB, from nothing to TLS alone; its first certificate needs a restart:
    ccx-sec cert install --engine mariadb --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 \\
      --node db-6ae82 --domain ccx.example.com --dir /etc/mysql/tls \\
      --socket /run/mysqld/mysqld.sock --restart-command 'systemctl restart mariadb'

  PostgreSQL; look first:
    ccx-sec cert install --engine postgresql --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 --node db-6ae82 --domain ccx.example.com \\
      --dir /etc/postgresql/tls --socket /run/postgresql/.s.PGSQL.5432 --dry-run

  Renewed when it is due, from cron: no names, those of the certificate that is there stay:
    ccx-sec cert install --engine mysql --dir /etc/mysql/tls --socket /run/mysqld/mysqld.sock -q

  A certificate of another CA:
    ccx-sec cert install --engine valkey --certificate new.pem --key new-key.pem --ca-file ca.pem \\
      --dir /etc/valkey/tls --url valkeys://localhost:6379

CONFIGURATION
  Settings are in one file of ccx-sec's own, which is replaced as a whole. In files of others
  there is at most a block between two marks; no other line of them is ever touched.
    mysql, mariadb  zz-ccx-sec.cnf in /etc/mysql/mysql.conf.d, /etc/mysql/mariadb.conf.d,
                    /etc/my.cnf.d …, or --config. Its folder has to be one that my.cnf includes:
                    the server's own program is asked (--print-defaults, and of MySQL also
                    --validate-config), and nothing may win over it: no file that is read later,
                    no command line, no SET PERSIST.
    postgresql      zz-ccx-sec.conf in the folder that postgresql.conf includes (include_dir); or
                    beside it, and a block at its end includes it. Above the rules of pg_hba.conf
                    a block turns clients without TLS away. With VERIFY_CA it repeats the rules
                    for TCP with clientcert=verify-ca: run it again when you change them. Sockets
                    are as before. The server's views are asked for errors, and for what wins.
    redis, valkey   ccx-sec.conf beside the main file, a block at whose end includes it. What is
                    on the server's command line would win at its next start, and cannot be
                    asked for: no --port there.

FILES AND THEIR OWNER
  As cert issue writes them. Without --owner they belong to whom the server's data belongs to.

WITHOUT A RESTART
  mysql       SET GLOBAL ssl_*, ALTER INSTANCE RELOAD TLS, SET GLOBAL require_secure_transport
  mariadb     FLUSH SSL; its paths, versions and ciphers are read at its start alone, so that the
              first time, or with another --dir or --profile, it has to be restarted once. Without
              --restart-command nothing is changed then, and the exit status is 3.
  postgresql  pg_reload_conf(), whose answer is not believed
  redis       CONFIG SET of everything at once; the port without TLS closes in the same step

REPLICAS
  Open connections stay, so that a replica which the new settings refuse would be noticed at its
  next connection only. Replicas that are connected are checked first: those without TLS, and
  with --mode VERIFY_CA standbys of PostgreSQL that show no client certificate (or have not been
  asked for one), are reported, and nothing is changed (exit 4) without --ignore-replicas. Redis and Valkey dial each other with
  the same settings; there is a warning.

IF IT FAILS
  The old settings and files come back, the server takes them again (after a restart: by another
  one), and a handshake proves that it shows what it showed before. Killed at any moment, there
  is a certificate and the key that fits it, and settings that the server can start with; run it
  again to complete it.

EXIT STATUS
  0  the server shows the certificate, and turns clients without TLS away
  1  there is no CA
  2  an argument is wrong, or the engine or its version cannot do that
  3  the server did not take it, or could not be asked, or the certificate is not good; the old
     one is in force
  4  refused: a file of others is in the way, a name is outside the CA's constraints, or a
     connected replica would be refused";

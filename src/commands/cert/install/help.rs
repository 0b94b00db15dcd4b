//! The long help of `cert install`.

pub(super) const HELP: &str = "\
EXAMPLES
  MariaDB without TLS so far; its first certificate needs a restart:
    ccx-sec cert install --engine mariadb --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 \\
      --node db-6ae82 --domain ccx.example.com --dir /etc/mysql/tls \\
      --socket /run/mysqld/mysqld.sock --restart-command 'systemctl restart mariadb'

  PostgreSQL; print the changes first:
    ccx-sec cert install --engine postgresql --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 --node db-6ae82 --domain ccx.example.com \\
      --dir /etc/postgresql/tls --socket /run/postgresql/.s.PGSQL.5432 --dry-run

  From cron; keeps the names of the certificate, the mode and the profile:
    ccx-sec cert install --engine mysql --dir /etc/mysql/tls --socket /run/mysqld/mysqld.sock -q

  A certificate of another CA:
    ccx-sec cert install --engine valkey --certificate new.pem --key new-key.pem --ca-file ca.pem \\
      --dir /etc/valkey/tls --url valkeys://localhost:6379

CONFIGURATION
  Settings are in one file of ccx-sec, which is replaced as a whole. In your own files, ccx-sec
  writes at most a block between two marks, and changes no other line.
    mysql, mariadb  zz-ccx-sec.cnf in /etc/mysql/mysql.conf.d, /etc/mysql/mariadb.conf.d,
                    /etc/my.cnf.d …, or --config. my.cnf must include its folder: ccx-sec asks
                    the server's program (--print-defaults, for MySQL also --validate-config).
                    Nothing may override the settings: no file that is read later, no command
                    line, no SET PERSIST.
    postgresql      zz-ccx-sec.conf in the folder that postgresql.conf includes (include_dir); or
                    beside postgresql.conf, which includes it by a block at its end. A block at
                    the top of pg_hba.conf refuses clients without TLS. With VERIFY_CA the block
                    repeats your rules for TCP with clientcert=verify-ca: run cert install again
                    when you change them. Unix sockets stay as they are. ccx-sec reads errors and
                    overridden settings from the server's views.
    redis, valkey   ccx-sec.conf beside the main file, which includes it by a block at its end.
                    Options on the server's command line override the file at its next start, and
                    the server does not report them: use no --port there.

    Without --mode or --profile the ones that were installed stay; on a server without settings of
    ccx-sec they are REQUIRED and intermediate. Weaker ones have to be given, and print a warning.
    If the settings do not say which they have, or contradict each other, nothing is changed.

FILES AND THEIR OWNER
  The same files as of cert issue. Without --owner, they get the owner of the server's data.

WITHOUT A RESTART
  mysql       SET GLOBAL ssl_*, ALTER INSTANCE RELOAD TLS, SET GLOBAL require_secure_transport
  mariadb     FLUSH SSL; MariaDB reads paths, versions and ciphers only at its start. So it needs
              one restart the first time, and with another --dir or --profile. Without
              --restart-command, nothing is changed then, and the exit status is 3.
  postgresql  pg_reload_conf(); its answer proves nothing, so a handshake checks the result
  redis       one CONFIG SET of all settings; the port without TLS closes in the same step

REPLICAS
  Open connections stay, so a replica would notice a refusal only at its next connection.
  Connected replicas are therefore checked first. Those without TLS and, with --mode VERIFY_CA,
  standbys of PostgreSQL that present no client certificate (or were not asked for one) are
  reported, and nothing is changed (exit 4) unless you give --ignore-replicas. Redis and Valkey
  connect to each other with the same settings; there is a warning.

IF IT FAILS
  The old settings and files are restored, the server loads them (after a restart: by another
  restart), and a handshake checks that it presents its old certificate. If cert install is
  killed at any moment, DIR has a certificate with its key, and the server can start with its
  settings; run the command again to complete it.

EXIT STATUS
  0  the server presents the certificate, and refuses clients without TLS
  1  there is no CA
  2  an argument is wrong, or the engine or its version does not support it
  3  the server rejected the certificate or could not be reached, or the certificate is not valid;
     the old certificate is in use
  4  refused: another program's file is in the way, a name is outside the CA's constraints, a
     connected replica would be refused, or the installed mode or profile is unclear";

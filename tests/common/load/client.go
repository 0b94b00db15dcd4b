// Opens a new connection with TLS again and again, as client.py does, and prints the same.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

func connect(family, port, directory string) error {
	here, err := filepath.EvalSymlinks(directory)
	if err != nil {
		return err
	}
	ca, cert, key := here+"/ca.pem", here+"/client-cert.pem", here+"/client-key.pem"
	password, patience := os.Getenv("DB_PASSWORD"), context.Background()
	if family == "postgresql" {
		text := "host=localhost port=%s user=app dbname=postgres sslmode=verify-full sslrootcert='%s' sslcert='%s' sslkey='%s'"
		config, err := pgx.ParseConfig(fmt.Sprintf(text, port, ca, cert, key))
		if err != nil {
			return err
		}
		config.Password = password
		connection, err := pgx.ConnectConfig(patience, config)
		if err != nil {
			return err
		}
		defer connection.Close(patience)
		_, err = connection.Exec(patience, "SELECT 7")
		return err
	}
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(ca)
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no CA: %v", err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return err
	}
	secured := &tls.Config{RootCAs: roots, ServerName: "localhost", Certificates: []tls.Certificate{pair}}
	if family == "mysql" {
		config := mysql.NewConfig()
		config.Net, config.Addr = "tcp", "localhost:"+port
		config.User, config.Passwd, config.TLS = "app", password, secured
		config.Logger = &mysql.NopLogger{}
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return err
		}
		database := sql.OpenDB(connector)
		defer database.Close()
		_, err = database.Exec("DO 7")
		return err
	}
	client := redis.NewClient(&redis.Options{
		Addr: "localhost:" + port, TLSConfig: secured, MaxRetries: -1, PoolSize: 1, DialerRetries: 1,
		DialTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute, PoolTimeout: time.Minute,
	})
	defer client.Close()
	return client.Ping(patience).Err()
}

// The driver's own log, which nobody reads.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

func main() {
	redis.SetLogger(silence{})
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	targets := strings.Split(strings.TrimSpace(string(text)), "\n")
	rate, err := strconv.ParseFloat(os.Args[3], 64)
	if err != nil {
		panic(err)
	}
	var ended atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin)
		ended.Store(true)
	}()
	pause := time.Duration(float64(time.Second) / rate)
	for number := 0; !ended.Load(); number++ {
		target := number % len(targets)
		words, begin, outcome := strings.Fields(targets[target]), time.Now(), "ok"
		if err := connect(words[0], words[1], os.Args[2]); err != nil {
			outcome = "fail " + strings.Join(strings.Fields(err.Error()), " ")
		}
		fmt.Println(begin.UnixMilli(), target, outcome)
		time.Sleep(time.Until(begin.Add(pause)))
	}
}

package cli

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

// fetch requests a credential as an SDK does, with the variables of the endpoint. Flags change the request. It prints the
// response and fails unless the status is 200.
func fetch() {
	url := flag.String("url", os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"), "")
	token := flag.String("token", os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"), "")
	host, origin, method := flag.String("host", "", ""), flag.String("origin", "", ""), flag.String("method", "GET", "")
	flag.Parse()
	if path := os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); path != "" && *token == "" {
		text, err := os.ReadFile(path)
		exitOn(err)
		*token = string(text)
	}
	r, err := http.NewRequest(*method, strings.TrimSpace(*url), nil)
	exitOn(err)
	r.Header.Set("Authorization", *token)
	r.Host = *host
	if *origin != "" {
		r.Header.Set("Origin", *origin)
	}
	resp, err := http.DefaultClient.Do(r)
	exitOn(err)
	body, err := io.ReadAll(resp.Body)
	exitOn(err)
	fmt.Printf("%d %s\n", resp.StatusCode, body)
	if resp.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// notified is a service manager: it waits for the first notification of a service.
func notified() {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: os.Args[1], Net: "unixgram"})
	exitOn(err)
	defer conn.Close()
	word := make([]byte, 100)
	n, err := conn.Read(word)
	exitOn(err)
	fmt.Println(string(word[:n]))
}

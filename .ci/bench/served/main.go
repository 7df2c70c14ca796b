//go:build linux

// Command served measures `daypass serve` under load. It reads the endpoint from the SDKs' variables; its argument is
// the process ID of serve. It sends a thousand requests a second for ten seconds, each on a new connection as SDKs
// do. It prints how many failed, how long responses took, and serve's memory over time.
package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	perSecond = 1000
	seconds   = 10
)

func main() {
	url, token := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"), os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if len(os.Args) != 2 || url == "" || token == "" {
		fmt.Fprintln(os.Stderr, "usage: served PID, with serve's variables set")
		os.Exit(2)
	}
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var mu sync.Mutex
	var took []time.Duration
	failed := map[string]int{}
	var asking sync.WaitGroup
	fmt.Printf("memory at the start %s\n", memory(os.Args[1]))
	pace := time.NewTicker(time.Second / perSecond)
	defer pace.Stop()
	for i := range perSecond * seconds {
		<-pace.C
		asking.Go(func() {
			begin := time.Now()
			err := ask(client, url, token)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(begin))
			if err != nil {
				failed[err.Error()]++
			}
		})
		if (i+1)%(2*perSecond) == 0 {
			fmt.Printf("memory after %5d requests %s\n", i+1, memory(os.Args[1]))
		}
	}
	asking.Wait()
	slices.SortFunc(took, cmp.Compare[time.Duration])
	fmt.Printf("median %v, 99 %% within %v, longest %v\n", took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	fmt.Printf("%d failed %v\n", len(failed), failed)
}

func ask(client *http.Client, url, token string) error {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", token)
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// memory returns the process's resident memory (VmRSS in proc_pid_status(5)) and number of open files.
func memory(pid string) string {
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return err.Error()
	}
	files, _ := os.ReadDir("/proc/" + pid + "/fd")
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			return fmt.Sprintf("%s, %d files", strings.TrimSpace(rest), len(files))
		}
	}
	return "unknown"
}

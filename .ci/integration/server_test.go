//go:build integration

package integration

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	startDeadline = 60 * time.Second
	stopDeadline  = 10 * time.Second
	pollInterval  = 50 * time.Millisecond
)

// server is a process of third-party software.
type server struct {
	name string
	cmd  *exec.Cmd
	log  string
	gone chan struct{} // closed when the process has exited
}

// startServer starts the program and waits until ready returns true. A server whose port is taken exits immediately,
// so it is not mistaken for the one that has the port.
func startServer(cmd *exec.Cmd, log string, ready func() bool) (*server, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	s := &server{name: filepath.Base(cmd.Path), cmd: cmd, log: log, gone: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s (.ci/install installs it): %w", s.name, err)
	}
	go func() {
		_ = cmd.Wait()
		close(s.gone)
	}()
	if err := s.await(ready); err != nil {
		s.stop()
		text, _ := os.ReadFile(log)
		return nil, fmt.Errorf("starting %s: %w\n%s", s.name, err, text)
	}
	return s, nil
}

func (s *server) await(ready func() bool) error {
	deadline := time.After(startDeadline)
	for {
		select {
		case <-s.gone:
			return errors.New("it exited")
		case <-deadline:
			return fmt.Errorf("no answer within %v", startDeadline)
		case <-time.After(pollInterval):
			if ready() {
				return nil
			}
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.gone:
	case <-time.After(stopDeadline):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

// freeAddress returns a loopback address that no process listens on at the moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// answers reports whether a GET is answered with 200.
func answers(url string) bool {
	resp, err := (&http.Client{Timeout: time.Second}).Get(url)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

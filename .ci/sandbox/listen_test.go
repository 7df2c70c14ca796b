//go:build integration

package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loopbacks are 127.0.0.1 and ::1 in the format of /proc/net.
var loopbacks = map[string]bool{"0100007F": true, "00000000000000000000000001000000": true}

// No other machine can reach the sandbox, or the agent of its daypass.
func TestListensOnLoopbackAlone(t *testing.T) {
	overBoth(t, func(c *cloud) {
		c.keys() // starts an agent
		pids := c.processes()
		if len(pids) < 2 {
			c.t.Errorf("%d processes, want the sandbox and its agent", len(pids))
		}
		listening := 0
		for _, pid := range pids {
			for _, s := range c.sockets(pid) {
				if s.listens {
					listening++
				}
				if !loopbacks[s.address] {
					c.t.Errorf("process %d has a socket at %s", pid, s.address)
				}
			}
		}
		if listening < 4 {
			c.t.Errorf("%d listening sockets, want at least one each for IdP, STS, Cognito and S3", listening)
		}
	})
}

type socket struct {
	address string
	listens bool
}

// sockets returns the sockets of one process. In /proc/net/tcp the second field is the local address, the fourth the
// state (0A: listening), the tenth the inode, which /proc/PID/fd refers to.
func (c *cloud) sockets(pid int) []socket {
	c.t.Helper()
	held := map[string]bool{}
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	c.must(err)
	for _, link := range links {
		name, _ := os.Readlink(link) // it may have been closed
		held[name] = true
	}
	var found []socket
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if os.IsNotExist(err) { // no IPv6
			continue
		}
		c.must(err)
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 9 && held["socket:["+f[9]+"]"] {
				address, _, _ := strings.Cut(f[1], ":")
				found = append(found, socket{address, f[3] == "0A"})
			}
		}
	}
	return found
}

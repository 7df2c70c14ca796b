//go:build unix

package signin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script returns a command that runs a shell script as the background process, and the file for its process ID.
func script(t *testing.T, text string) (command []string, pidFile string) {
	t.Helper()
	dir := t.TempDir()
	return []string{"/bin/sh", "-c", fmt.Sprintf("cd %q; echo $$ > new; mv new pid; %s", dir, text)}, filepath.Join(dir, "pid")
}

// wantGone waits until the process has exited and was reaped.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Errorf("process %d still exists after ten seconds", pid)
}

// readPID waits for the script's process ID.
func readPID(t *testing.T, path string) (pid int) {
	t.Helper()
	for range 1000 {
		if text, err := os.ReadFile(path); err == nil {
			if _, err := fmt.Sscan(string(text), &pid); err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no process started within ten seconds")
	return 0
}

// After Ctrl-C while the background process starts, no tab opens.
func TestInterruptedWhileStarting(t *testing.T) {
	t.Parallel()
	command, pidFile := script(t, "exec sleep 600")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		defer cancel(ErrInterrupted)
		readPID(t, pidFile)
	}()
	if _, err := newCoordinator(t).Start(ctx, command); !errors.Is(err, ErrInterrupted) {
		t.Errorf("Start = %v, want ErrInterrupted", err)
	}
	wantGone(t, readPID(t, pidFile))
}

// A background process continues after its caller has stopped waiting, and is reaped if that caller still runs.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	command, pidFile := script(t, `say() { echo '{"event":"eA=="}'; }; say; until [ -e go ]; do sleep 0.01; done; say; say`)
	p, err := newCoordinator(t).Start(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Wait(impatient, func([]byte) {}); err == nil {
		t.Error("Wait beyond its context succeeded")
	} else if pending, ok := errors.AsType[*PendingError](err); !ok || pending.Host != "idp.example.com" {
		t.Errorf("Wait = %v, want a *PendingError", err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(pidFile), "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantGone(t, readPID(t, pidFile))
}

// Reports arrive unchanged, and anything that is not a report ends the reading.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lines      string
		events     string
		result     string
		superseded bool
		err        string
	}{
		{lines: `{"event":"YQ=="} {"event":"Yg=="} {"result":"Yw=="}`, events: "ab", result: "c"},
		{lines: `{"result":""}`},
		{lines: `{"later":"news"}`, superseded: true},
		{lines: `{"event":"YQ=="} nonsense`, events: "a", superseded: true},
		{lines: `nonsense`, err: "exited immediately"},
		{lines: `{"event":7}`, err: "exited immediately"},
	} {
		command, _ := script(t, "echo '"+row.lines+"'")
		var events strings.Builder
		p, err := newCoordinator(t).Start(t.Context(), command)
		var r Report
		if err == nil {
			r, err = p.Wait(t.Context(), func(e []byte) { events.Write(e) })
		}
		if (err != nil) != (row.err != "") || err != nil && !strings.Contains(err.Error(), row.err) {
			t.Errorf("after %s: %v, want %q", row.lines, err, row.err)
		}
		if events.String() != row.events || string(r.Result) != row.result || r.Superseded != row.superseded {
			t.Errorf("after %s: events %q, report %+v", row.lines, &events, r)
		}
	}
}

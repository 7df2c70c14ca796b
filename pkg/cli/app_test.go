package cli

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testApp returns an App that is isolated from the system.
func testApp() *App {
	return &App{
		In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &bytes.Buffer{},
		Now:         func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		Getenv:      func(string) string { return "" },
		Environ:     func() []string { return nil },
		OpenBrowser: func(string, string) error { return nil },
		Executable:  func() (string, error) { return "/nowhere/daypass", nil },
		Version:     "test",
		system: system{
			os: "linux", wsl: func() bool { return false },
			hostname: func() (string, error) { return "build-7", nil },
			lookPath: func(program string) (string, error) { return "/bin/" + filepath.Base(program), nil },
		},
	}
}

// If another program includes daypass's commands, the agent is started through that program.
func TestAgentCommand(t *testing.T) {
	t.Parallel()
	app := testApp()
	app.Executable = func() (string, error) { return "/nowhere/bench", nil }
	app.Within = []string{"daypass"}
	if got, want := app.agentCommand(), []string{"/nowhere/bench", "daypass", "agent", "run"}; !slices.Equal(got, want) {
		t.Errorf("agentCommand() = %q, want %q", got, want)
	}
}

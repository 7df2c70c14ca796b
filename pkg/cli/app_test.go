package cli

import (
	"bytes"
	"strings"
	"time"
)

// testApp is an App without any system around it.
func testApp() *App {
	return &App{
		In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &bytes.Buffer{},
		Now:         func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		Getenv:      func(string) string { return "" },
		OpenBrowser: func(string, string) error { return nil },
		Executable:  func() (string, error) { return "/nowhere/daypass", nil },
		Version:     "test",
	}
}

package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/daypass/daypass/pkg/credential"
)

// openTerminal returns a pseudo-terminal of that many columns (pty(7)).
func openTerminal(t *testing.T, columns uint16) *os.File {
	t.Helper()
	other, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { other.Close() })
	fd := int(other.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	return tty
}

// Secrets on a screen get a word; those that a shell reads do not.
func TestWarnOfSecrets(t *testing.T) {
	t.Parallel()
	for form, want := range map[credential.Shell]string{
		credential.Bash: `! these are secrets; use eval "$(daypass env)"`,
		credential.Fish: "! these are secrets; use daypass env | source",
		credential.JSON: "! these are secrets; use a pipe or a file of your own",
	} {
		app := testApp()
		app.warnOfSecrets(form)
		if got := app.Err.(*bytes.Buffer).String(); got != "" {
			t.Errorf("%s into a pipe: %q", form, got)
		}
		app.Out = openTerminal(t, 80)
		app.warnOfSecrets(form)
		if got := strings.TrimSpace(app.Err.(*bytes.Buffer).String()); got != want {
			t.Errorf("%s at a terminal: %q, want %q", form, got, want)
		}
	}
}

func TestWidthFor(t *testing.T) {
	t.Parallel()
	for columns, want := range map[uint16]int{40: 40, 80: 80, 200: 80} {
		if got := widthFor(openTerminal(t, columns)); got != want {
			t.Errorf("%d columns: %d, want %d", columns, got, want)
		}
	}
	if got := widthFor(&bytes.Buffer{}); got != 80 {
		t.Errorf("a pipe: %d, want 80", got)
	}
}

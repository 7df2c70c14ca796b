package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns a pseudo-terminal with that many columns (pty(7)).
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

// On a terminal env prints no keys but the line to use, and starts no sign-in. Into a pipe it prints the keys.
func TestEnvOnTerminal(t *testing.T) {
	t.Parallel()
	const head, foot = "daypass: env prints secret keys, but stdout is a terminal\n", "  --force prints them here\n"
	for _, row := range []struct {
		args []string
		code int
		want string // on stderr; "" means that the command continued and found no profile
	}{
		{[]string{"--shell", "bash"}, 2, head + "  eval \"$(daypass env --shell=bash)\"\n" + foot},
		{[]string{"--shell", "zsh", "-p", "my photos", "-q", "--scopes", "a", "--scopes", "b"}, 2,
			head + "  eval \"$(daypass env --shell=zsh '--profile=my photos' --quiet --scopes=a --scopes=b)\"\n" + foot},
		{[]string{"--shell", "fish"}, 2, head + "  daypass env --shell=fish | source\n" + foot},
		{[]string{"--shell", "pwsh"}, 2, head + "  daypass env --shell=pwsh | Out-String | Invoke-Expression\n" + foot},
		{[]string{"--shell", "json"}, 2, head + "  use a pipe, or a file that only you can read\n" + foot},
		{[]string{"--shell", "bash", "--force"}, 2, ""},
		{[]string{"--shell", "bash", "--unset"}, 0, ""},
	} {
		app := testApp()
		app.Out = openTerminal(t, 80)
		code := run(app, append([]string{"env"}, row.args...)...)
		shown := app.Err.(*bytes.Buffer).String()
		if code != row.code || row.want != "" && shown != row.want || row.want == "" && strings.Contains(shown, "terminal") {
			t.Errorf("%q on a terminal: exit code %d and\n%s\nwant %d and\n%s", row.args, code, shown, row.code, row.want)
		}

		app = testApp()
		run(app, append([]string{"env"}, row.args...)...)
		if shown := app.Err.(*bytes.Buffer).String(); strings.Contains(shown, "terminal") {
			t.Errorf("%q into a pipe: %s", row.args, shown)
		}
	}
}

// The commands that make a shell fail are not printed on a terminal.
func TestFailEnvOnTerminal(t *testing.T) {
	t.Parallel()
	app := testApp()
	cmd, _, err := newRootCommand(app).Find([]string{"env"})
	if err != nil {
		t.Fatal(err)
	}
	app.failEnv(cmd)
	if got := app.Out.(*bytes.Buffer).String(); !strings.Contains(got, "false;") {
		t.Errorf("into a pipe: %q, want the failing command", got)
	}
	readOnly, err := os.Open(openTerminal(t, 80).Name()) // writing to it fails and warns
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	app.Out = readOnly
	app.failEnv(cmd)
	if got := app.Err.(*bytes.Buffer).String(); got != "" {
		t.Errorf("something was written to the terminal: %s", got)
	}
}

// Headings are bold and table headers dim on a terminal. A pipe, NO_COLOR and TERM=dumb get plain text.
func TestStyle(t *testing.T) {
	for _, row := range []struct {
		name, term, noColor string
		styled              bool
	}{
		{"a terminal", "xterm-256color", "", true},
		{"NO_COLOR", "xterm-256color", "1", false},
		{"TERM=dumb", "dumb", "", false},
	} {
		t.Setenv("TERM", row.term)
		t.Setenv("NO_COLOR", row.noColor)
		t.Setenv("CI", "") // with CI set, lipgloss writes plain text
		look := newStyle(openTerminal(t, 80))
		var table strings.Builder
		if err := newStatusDocument(someStatus(), true, statusNow).print(&table, look, 80, statusNow); err != nil {
			t.Fatal(err)
		}
		for what, text := range map[string]string{"help": helpText(newRootCommand(testApp()), look, 80), "status": table.String()} {
			if got := strings.Contains(text, "\x1b["); got != row.styled {
				t.Errorf("%s: %s is styled: %t, want %t", row.name, what, got, row.styled)
			}
		}
	}
	if got := newStyle(&bytes.Buffer{}).strong.Render("Flags:"); got != "Flags:" {
		t.Errorf("into a pipe: %q", got)
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

// A terminal is not sent characters that change the direction of writing. A program gets the URL as it is.
func TestPrintedURL(t *testing.T) {
	t.Parallel()
	const plain, hostile = "s3://photos/u/holiday.jpg", "s3://photos/u/evil\u202egpj.exe"
	app := testApp()
	for _, url := range []string{plain, hostile} {
		if got := app.printedURL(url); got != url {
			t.Errorf("into a pipe: %q, want %q", got, url)
		}
	}
	app.Out = openTerminal(t, 80)
	for url, want := range map[string]string{plain: plain, hostile: `"s3://photos/u/evil\u202egpj.exe"`} {
		if got := app.printedURL(url); got != want {
			t.Errorf("on a terminal: %s, want %s", got, want)
		}
	}
}

package credential

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Shell is a form in which an environment is printed.
type Shell string

// The forms. Dotenv is bare NAME=value lines, which `docker run --env-file` reads as well; Process is
// the credential process document.
const (
	Sh         Shell = "sh"
	Bash       Shell = "bash"
	Zsh        Shell = "zsh"
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
	Cmd        Shell = "cmd"
	Dotenv     Shell = "dotenv"
	JSON       Shell = "json"
	Process    Shell = "process"
)

// ParseShell reads the name of a form, of a shell's program, or of a format of `aws configure
// export-credentials`.
func ParseShell(name string) (Shell, error) {
	switch name {
	case "sh", "dash", "ash", "ksh", "env":
		return Sh, nil
	case "bash", "zsh", "fish", "powershell", "cmd", "dotenv", "json", "process":
		return Shell(name), nil
	case "pwsh":
		return PowerShell, nil
	case "windows-cmd":
		return Cmd, nil
	case "env-no-export":
		return Dotenv, nil
	}
	return "", fmt.Errorf("reading shell %q: it is none of sh, bash, zsh, fish, powershell, cmd, dotenv, "+
		"json, process, or of the AWS CLI's env, env-no-export, windows-cmd", name)
}

// dialect is how one family of shells writes an environment. Statements of those that have a separator
// end in it: `eval` without quotes, or a shell that joins lines, turns newlines into spaces.
type dialect struct {
	set   func(name, value string) (string, error)
	unset func(names []string) string
	// fail makes whatever evaluates the text fail; "" where nothing evaluates it.
	fail string
}

func (s Shell) dialect() (dialect, error) {
	switch s {
	case Sh, Bash, Zsh:
		return dialect{setSh, unsetSh, "false;\n"}, nil
	case Fish:
		return dialect{setFish, unsetFish, "false;\n"}, nil
	case PowerShell:
		return dialect{setPowerShell, unsetPowerShell, "throw 'daypass: there is no credential';\n"}, nil
	case Cmd:
		return dialect{setCmd, unsetCmd, "exit /b 1\n"}, nil
	case Dotenv:
		return dialect{setDotenv, unsetNothing, ""}, nil
	}
	return dialect{}, fmt.Errorf("printing environment: there is no shell %q", string(s))
}

// Write prints e in one Write. A value that the shell could read as anything but text, a control
// character in any, is an error that names its variable, and then nothing is printed.
func (s Shell) Write(w io.Writer, e Environment) error {
	for _, v := range e.Set {
		if err := v.check(); err != nil {
			return err
		}
	}
	switch s {
	case Process:
		return e.credential.WriteProcess(w)
	case JSON:
		return e.writeJSON(w)
	}
	text, err := s.text(e)
	if err != nil {
		return err
	}
	return write(w, text)
}

// Brackets are what begins and ends a whole text for a shell. Printed before anything else can go wrong, the
// first makes the shell fail if the program dies and the second never comes. Empty where the form has none
// that were tried.
func (s Shell) Brackets() (begin, end string) {
	switch s {
	case Sh, Bash, Zsh:
		return "{\n", "}\n"
	case Fish:
		return "begin\n", "end\n"
	}
	return "", ""
}

// WriteFailure prints what takes e back and then fails: `eval` of nothing would succeed and leave an
// old credential in place. It prints nothing in the forms that no shell evaluates.
func (s Shell) WriteFailure(w io.Writer, e Environment) error {
	if s == JSON || s == Process || s == Dotenv {
		return nil
	}
	d, err := s.dialect()
	if err != nil {
		return err
	}
	text, err := s.text(Environment{Unset: e.Unset})
	if err != nil {
		return err
	}
	return write(w, append(text, d.fail...))
}

func (s Shell) text(e Environment) ([]byte, error) {
	d, err := s.dialect()
	if err != nil {
		return nil, err
	}
	for _, name := range e.Unset {
		if !isVariableName(name) {
			return nil, fmt.Errorf("printing environment: %q is no variable", name)
		}
	}
	var out bytes.Buffer
	if len(e.Unset) > 0 {
		out.WriteString(d.unset(e.Unset))
	}
	for _, v := range e.Set {
		line, err := d.set(v.Name, v.Value.Reveal())
		if err != nil {
			return nil, fmt.Errorf("printing %s: %w", v.Name, err)
		}
		out.WriteString(line)
	}
	return out.Bytes(), nil
}

func (e Environment) writeJSON(w io.Writer) error {
	values := make(map[string]string, len(e.Set))
	for _, v := range e.Set {
		values[v.Name] = v.Value.Reveal()
	}
	return writeJSON(w, values)
}

func (v Variable) check() error {
	if !isVariableName(v.Name) {
		return fmt.Errorf("printing environment: %q is no variable", v.Name)
	}
	if !sanitize.IsClean(v.Value.Reveal()) {
		return fmt.Errorf("printing %s: its value has a control character or is not UTF-8", v.Name)
	}
	return nil
}

// isVariableName reports whether every shell takes name for a variable's (POSIX 3.235).
func isVariableName(name string) bool {
	return name != "" && strings.Trim(name[:1], "0123456789") != "" && only(name, isWordCharacter)
}

func isWordCharacter(r rune) bool { return r == '_' || isAlphanumeric(r) }

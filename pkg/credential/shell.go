package credential

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Shell is a format in which an environment is printed.
type Shell string

// The formats. Dotenv is NAME=value lines, which `docker run --env-file` reads as well. Process is the credential process
// document.
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

// ParseShell parses the name of a format, of a shell, or of a format of `aws configure export-credentials`.
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
	return "", fmt.Errorf("unknown shell %q: it must be sh, bash, zsh, fish, powershell, cmd, dotenv, "+
		"json or process, or the AWS CLI's env, env-no-export or windows-cmd", name)
}

// dialect is how a family of shells sets and unsets variables. A statement ends in the shell's separator, if there is one:
// `eval` without quotes turns newlines into spaces.
type dialect struct {
	set   func(name, value string) (string, error)
	unset func(names []string) string
	// fail is a statement that fails; "" for a format that is not evaluated.
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
	return dialect{}, fmt.Errorf("printing environment: unknown shell %q", string(s))
}

// Write prints e in one Write. It prints nothing and returns an error with the variable's name if a value contains a control
// character, or something that cannot be quoted for the shell.
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

// Brackets returns what to print before and after all output for the shell. If the program dies between the two, the shell
// reports a syntax error instead of evaluating half of the output. Both are empty for a format that has none.
func (s Shell) Brackets() (begin, end string) {
	switch s {
	case Sh, Bash, Zsh:
		return "{\n", "}\n"
	case Fish:
		return "begin\n", "end\n"
	}
	return "", ""
}

// WriteFailure prints statements that unset e's variables and then fail. Without them, `eval` of the empty output would
// succeed and leave an old credential in place. It prints nothing for a format that no shell evaluates.
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
			return nil, fmt.Errorf("printing environment: %q is not a valid variable name", name)
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
		return fmt.Errorf("printing environment: %q is not a valid variable name", v.Name)
	}
	if !sanitize.IsClean(v.Value.Reveal()) {
		return fmt.Errorf("printing %s: its value has a control character or is not UTF-8", v.Name)
	}
	return nil
}

// isVariableName reports whether name is a variable's name in every shell (POSIX 3.235).
func isVariableName(name string) bool {
	return name != "" && strings.Trim(name[:1], "0123456789") != "" && only(name, isWordCharacter)
}

func isWordCharacter(r rune) bool { return r == '_' || isAlphanumeric(r) }

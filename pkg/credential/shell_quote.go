package credential

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func setSh(name, value string) (string, error) {
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "';\n", nil
}

func unsetSh(names []string) string { return "unset " + strings.Join(names, " ") + ";\n" }

func setFish(name, value string) (string, error) {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)
	return "set -gx " + name + " '" + quoted + "';\n", nil
}

// unsetFish ends in "or true" because set -e fails with status 4 if the variable is not set.
func unsetFish(names []string) string {
	return "set -e " + strings.Join(names, " ") + "; or true;\n"
}

// setPowerShell writes characters outside ASCII as numbers. Windows PowerShell decodes a program's output by the console's
// code page, which can turn a byte of such a character into a typographic quote, and those end a string as well.
func setPowerShell(name, value string) (string, error) {
	var b strings.Builder
	b.WriteString("$Env:" + name + " = '")
	for _, r := range value {
		switch {
		case r == '\'':
			b.WriteString("''")
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			b.WriteByte('\'')
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, " + [char]0x%04X", unit)
			}
			b.WriteString(" + '")
		}
	}
	b.WriteString("';\n")
	return b.String(), nil
}

func unsetPowerShell(names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString("Remove-Item Env:" + name + " -ErrorAction SilentlyContinue;\n")
	}
	return b.String()
}

// setCmd accepts only characters that cmd.exe never interprets: it has no way to quote % ! ^ and ".
func setCmd(name, value string) (string, error) {
	if !only(value, isSafe) {
		return "", errors.New("its value has characters that cmd cannot quote")
	}
	return `set "` + name + "=" + value + "\"\n", nil
}

func unsetCmd(names []string) string {
	return `set "` + strings.Join(names, "=\"\nset \"") + "=\"\n"
}

// setDotenv accepts only values that need no quotes: programs read quotes differently (for docker they are part of the
// value).
func setDotenv(name, value string) (string, error) {
	if !only(value, isSafe) {
		return "", errors.New("its value has characters that programs read differently in a dotenv file")
	}
	return name + "=" + value + "\n", nil
}

func unsetNothing([]string) string { return "" }

func isSafe(r rune) bool { return isAlphanumeric(r) || strings.ContainsRune("+/=_.:-", r) }

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func only(s string, allowed func(rune) bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !allowed(r) })
}

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

// unsetFish ends in success: set -e of a variable that is not set has status 4.
func unsetFish(names []string) string {
	return "set -e " + strings.Join(names, " ") + "; or true;\n"
}

// setPowerShell writes all but ASCII as numbers: Windows PowerShell decodes a program's output by the
// console's code page, where a byte of another character can come out as one of the typographic
// quotes, and those end a string like the straight one.
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

// setCmd takes only what cmd.exe never interprets: it has no quoting that holds for % ! ^ and ".
func setCmd(name, value string) (string, error) {
	if !only(value, isSafe) {
		return "", errors.New("its value has characters that cmd cannot quote")
	}
	return `set "` + name + "=" + value + "\"\n", nil
}

func unsetCmd(names []string) string {
	return `set "` + strings.Join(names, "=\"\nset \"") + "=\"\n"
}

// setDotenv takes only what needs no quotes: readers of such files disagree about them (docker keeps
// them as part of the value).
func setDotenv(name, value string) (string, error) {
	if !only(value, isSafe) {
		return "", errors.New("its value has characters that not every reader of dotenv files takes as they are")
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

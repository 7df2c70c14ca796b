package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each bullet of SECURITY.md names the tests that show it, or says that there is none. The named tests exist.
func TestSecurityNamesTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range securityErrors(string(text), testNames(t)) {
		t.Error(wrong)
	}
}

// A name of no test, a script that does not exist, and a bullet or table row without a test are errors.
func TestSecurityErrors(t *testing.T) {
	t.Parallel()
	names := testNames(t)
	const section = "# Security\n" + protection
	for text, want := range map[string]string{
		section + "- One.\n  More (test: `TestSecurityErrors`).\n- Two (no test).\n\n## Next\n\n- Free.\n": "",
		section + "\n| what | tests |\n|---|---|\n| a | `TestScripts/serve` |\n":                           "",
		section + "- One (no test).\n- Two.\n":                                                             `"- Two."`,
		section + "\n| what | tests |\n|---|---|\n| a | b |\n":                                             `"| a | b |"`,
		section + "- One (test: `TestNoSuchThing`).\n":                                                     "TestNoSuchThing",
		section + "- One (test: `TestScripts/no_such_thing`).\n":                                           "TestScripts/no_such_thing",
		section: "no bullets",
	} {
		got := securityErrors(text, names)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
			t.Errorf("%q: errors %q, want %q", text, got, want)
		}
	}
}

// protection is the heading of the section whose bullets are checked.
const protection = "\n## What daypass protects, and how\n"

var (
	testName = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*(?:/\w+)?`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

func securityErrors(text string, names map[string]bool) (wrong []string) {
	for _, name := range testName.FindAllString(text, -1) {
		if !names[name] {
			wrong = append(wrong, fmt.Sprintf("SECURITY.md names %s, which does not exist", name))
		}
	}
	_, section, _ := strings.Cut(text, protection)
	section, _, _ = strings.Cut(section, "\n## ")
	items := securityItems(section)
	if len(items) == 0 {
		wrong = append(wrong, "SECURITY.md has no bullets below"+protection)
	}
	for _, item := range items {
		if !testName.MatchString(item) && !strings.Contains(item, "no test") {
			wrong = append(wrong, fmt.Sprintf("SECURITY.md names no test in %q", item))
		}
	}
	return wrong
}

// securityItems returns the bullets and the table rows of a section, without the heading of a table.
func securityItems(section string) (items []string) {
	row, inBullet := 0, false
	for line := range strings.SplitSeq(section, "\n") {
		switch {
		case strings.HasPrefix(line, "- "):
			items, inBullet = append(items, line), true
		case strings.HasPrefix(line, "  ") && inBullet:
			items[len(items)-1] += "\n" + line
		case strings.HasPrefix(line, "|"):
			if row++; row > 2 {
				items = append(items, line)
			}
			inBullet = false
		default:
			row, inBullet = 0, false
		}
	}
	return items
}

// testNames returns the names of all tests of the repository, and of all scripts as TestScripts/NAME.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, top := range []string{"../../pkg", "../../cmd", "../../.ci"} {
		err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, match := range testFunc.FindAllSubmatch(text, -1) {
				names[string(match[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, script := range scripts {
		names["TestScripts/"+strings.TrimSuffix(filepath.Base(script), ".txtar")] = true
	}
	return names
}

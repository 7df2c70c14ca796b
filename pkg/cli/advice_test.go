package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// prose lists words after «daypass» that are not commands.
var prose = []string{"a", "again", "and", "as", "becomes", "cannot", "does", "ends", "goes", "has", "in", "is", "itself", "keeps", "knows", "reads",
	"replaces", "sandbox", "says", "sealed", "signs", "that", "then", "waits", "within", "wrote"}

// texts returns the string literals of a Go file. A concatenation is one text, with {} for what is not constant.
func texts(t *testing.T, path string) map[token.Position]string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[token.Position]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field: // for the tags of fields
			return false
		case *ast.BinaryExpr:
			if text, some := literal(n); some {
				found[set.Position(n.Pos())] = text
				return false
			}
		case *ast.BasicLit:
			if text, some := literal(n); some {
				found[set.Position(n.Pos())] = text
			}
		}
		return true
	})
	return found
}

func literal(e ast.Expr) (text string, some bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text, true
		}
	case *ast.BinaryExpr:
		left, a := literal(e.X)
		right, b := literal(e.Y)
		return left + right, e.Op == token.ADD && (a || b)
	}
	return "{}", false
}

// mention matches what looks like a command line: daypass and the words after it.
var mention = regexp.MustCompile(`(?:^|[^-/.\w])daypass((?:\s+[-\w{}%="']+)+)`)

// placeholder stands for flags in a text.
var placeholder = regexp.MustCompile(`\{\w*\}|%[sq]`)

// Every command and flag that a text mentions exists.
func TestAdviceNamesCommands(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, top := range []string{"../../pkg", "../../cmd"} {
		err := filepath.WalkDir(top, func(path string, entry os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				commands += checkTexts(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if commands < 40 {
		t.Errorf("only %d commands were found", commands)
	}
}

// checkTexts checks the commands that a file's texts mention, and returns how many there are.
func checkTexts(t *testing.T, path string) (commands int) {
	t.Helper()
	for at, text := range texts(t, path) {
		for _, m := range mention.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(placeholder.ReplaceAllString(m[1], " "))
			if len(words) == 0 || slices.Contains(prose, words[0]) {
				continue
			}
			commands++
			if fault := faultOfCommand(words); fault != "" {
				t.Errorf("%s: %q: %s", at, strings.TrimSpace(m[0]), fault)
			}
		}
	}
	return commands
}

// faultOfCommand returns what in a command line does not exist; "" if everything does. The words between the command and
// its first flag may be the rest of a sentence.
func faultOfCommand(words []string) string {
	root := newRootCommand(testApp())
	cmd, depth := root, 0
	for _, word := range words {
		next := childOf(cmd, word)
		if next == nil {
			break
		}
		cmd, depth = next, depth+1
	}
	if depth == 0 && !strings.HasPrefix(words[0], "-") {
		return "there is no command " + words[0]
	}
	if cmd.Name() == "help" && len(words) > depth {
		if topic := childOf(root, words[depth]); topic == nil && words[depth] != strings.ToUpper(words[depth]) {
			return "there is no help for " + words[depth]
		}
	}
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if len(name) < len(word) && word != "--" && lookUp(cmd, word, name) == nil {
			return "there is no flag " + word + " of " + cmd.CommandPath()
		}
	}
	return ""
}

func childOf(cmd *cobra.Command, name string) *cobra.Command {
	i := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == name && name != signInCommand })
	if i < 0 {
		return nil
	}
	return cmd.Commands()[i]
}

func lookUp(cmd *cobra.Command, word, name string) *pflag.Flag {
	if strings.HasPrefix(word, "--") {
		if f := cmd.Flags().Lookup(name); f != nil {
			return f
		}
		return cmd.InheritedFlags().Lookup(name)
	}
	if f := cmd.Flags().ShorthandLookup(name[:1]); f != nil {
		return f
	}
	return cmd.InheritedFlags().ShorthandLookup(name[:1])
}

// TestFaultOfCommand tests the check of TestAdviceNamesCommands.
func TestFaultOfCommand(t *testing.T) {
	t.Parallel()
	for words, bad := range map[string]bool{
		"login": false, "login --again": false, "login --profile photos --no-browser": false, "agent status": false,
		"help profile-flags": false, "help COMMAND": false, "logout -p x": false, "--help": false, "login for another": false, "exec -- CMD": false,
		"help workload": true, "policy trust": true, "signin": true, "login --unheard-of": true, "login -z": true, "agent --again": true,
	} {
		if fault := faultOfCommand(strings.Fields(words)); (fault != "") != bad {
			t.Errorf("daypass %s: %q, want a fault: %t", words, fault, bad)
		}
	}
	path := filepath.Join(t.TempDir(), "x.go")
	if err := os.WriteFile(path, []byte("package x\n\nconst x = \"daypass \" + f() + \"login\" + \" --nope\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts(t, path) {
		if want := "daypass {}login --nope"; text != want {
			t.Errorf("texts = %q, want %q", text, want)
		}
	}
}

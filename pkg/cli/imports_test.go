package cli

import (
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which package may import which of ours. A new package or arrow is a change to this table, in the same
// commit, with its reason. A permission that no source file uses fails too.
var mayImport = map[string][]string{
	"secret":                  {},
	"policy":                  {},
	"internal/sanitize":       {}, // one rule for what may be shown of texts that others wrote
	"internal/userfile":       {}, // private files are written and checked in one way
	"internal/process":        {},
	"internal/peercred":       {}, // a sign-in's page, the endpoint and the agent ask who is at the other end
	"internal/lock":           {},
	"internal/connlimit":      {}, // a sign-in's page and the endpoint bound their connections alike
	"internal/httpclient":     {}, // the errors of a proxy are for remedy too, which does not know the wiring
	"internal/awsconfig":      {}, // what AWS's own clients read, of which login warns
	"identity":                {"secret"},
	"credential":              {"identity", "internal/sanitize", "secret"},
	"profile":                 {"identity", "internal/sanitize", "internal/userfile", "secret"},
	"internal/storekey":       {"profile"}, // the lean program finds a credential by the name that daypass stored it under
	"internal/keyring":        {"internal/userfile"},
	"internal/agent":          {"internal/lock", "internal/process", "internal/userfile"},
	"internal/keyring/sealer": {"internal/keyring"},
	"internal/login":          {"identity", "internal/connlimit", "internal/peercred", "internal/sanitize", "secret"},
	"internal/exchange":       {"credential", "identity", "internal/sanitize", "secret"},
	"internal/signin":         {"internal/lock", "internal/process", "internal/sanitize", "internal/userfile"},
	"internal/loginindex":     {"internal/lock", "internal/userfile"},
	"internal/broker":         {"credential", "identity", "secret"},
	"internal/credserver":     {"credential", "internal/connlimit", "internal/peercred", "secret"},
	"internal/upload":         {"credential", "internal/sanitize"},
	"internal/remedy":         {"identity", "internal/agent", "internal/broker", "internal/exchange", "internal/httpclient", "internal/login", "internal/signin", "internal/upload"},
	"daypass":                 {"credential", "identity", "internal/agent", "internal/broker", "internal/exchange", "internal/httpclient", "internal/keyring", "internal/lock", "internal/login", "internal/loginindex", "internal/signin", "internal/storekey", "internal/upload", "profile"},
	"cli":                     {"credential", "daypass", "identity", "internal/agent", "internal/awsconfig", "internal/broker", "internal/credserver", "internal/exchange", "internal/keyring", "internal/login", "internal/process", "internal/remedy", "internal/sanitize", "internal/signin", "internal/storekey", "internal/upload", "internal/userfile", "profile", "secret"},
	"cli/cached":              {"credential", "internal/agent", "internal/storekey", "profile"},
	"sandbox":                 {"policy", "secret"},
	"sandbox/command":         {"cli", "credential", "daypass", "identity", "internal/agent", "internal/process", "internal/remedy", "internal/upload", "profile", "sandbox", "secret"}, // remedy for the exit codes, agent to stop the one it started
	"cmd/daypass":             {"cli"},
	"cmd/daypass-credentials": {"cli/cached"},
	"cmd/daypass-sandbox":     {"sandbox/command"},
}

// public are the packages that somebody else may import. No exported declaration of theirs names a package under
// internal.
var public = []string{"cli", "credential", "daypass", "identity", "policy", "profile", "sandbox", "secret"}

// onlyImporter names the one file or package that may import a module that costs much, or that
// draws or prints.
var onlyImporter = map[string]string{
	"github.com/charmbracelet/lipgloss":       "pkg/cli/style.go",
	"github.com/pkg/browser":                  "pkg/cli/browser.go",
	"github.com/zalando/go-keyring":           "pkg/internal/keyring",
	"github.com/godbus/dbus/v5":               "pkg/internal/keyring",
	"github.com/gofrs/flock":                  "pkg/internal/lock",
	"github.com/pelletier/go-toml/v2":         "pkg/profile",
	"github.com/coreos/go-oidc/v3/oidc":       "pkg/internal/login",
	"golang.org/x/oauth2":                     "pkg/internal/login",
	"github.com/aws/aws-sdk-go-v2/service/s3": "pkg/internal/upload",
	"github.com/johannesboyne/gofakes3":       "pkg/sandbox",
}

// forTests are packages that the tests of every other may import: values to make, and a cloud to run against.
var forTests = []string{"credential", "identity", "profile", "sandbox", "secret"}

// tooHeavy are packages that the lean program must not contain, directly or not.
var tooHeavy = []string{"net/http", "github.com/spf13/cobra"}

// neverImported would resolve ambient AWS credentials, and so call daypass itself.
const neverImported = "github.com/aws/aws-sdk-go-v2/config"

const ours = "github.com/daypass/daypass/"

func TestImports(t *testing.T) {
	t.Parallel()
	used := map[string]map[string]bool{}
	files := 0
	err := filepath.WalkDir("../..", func(at string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(at, ".go") {
			return err
		}
		files++
		name := filepath.ToSlash(strings.TrimPrefix(at, "../../"))
		for _, imported := range importsOf(t, at) {
			if why := refusal(name, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
			if from, to, ok := arrow(name, imported); ok && !strings.HasSuffix(name, "_test.go") {
				if used[from] == nil {
					used[from] = map[string]bool{}
				}
				used[from][to] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 200 {
		t.Errorf("looked at %d files: the walk does not reach the tree", files)
	}
	for _, from := range slices.Sorted(maps.Keys(mayImport)) {
		for _, to := range mayImport[from] {
			if !used[from][to] {
				t.Errorf("%s may import %s and does not: take the permission back", from, to)
			}
		}
	}
}

func importsOf(t *testing.T, at string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), at, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, imported)
	}
	return all
}

// arrow names the package of a file and the package of ours that it imports, as mayImport does.
func arrow(name, imported string) (from, to string, ok bool) {
	rest, isOurs := strings.CutPrefix(imported, ours)
	dir := path.Dir(name)
	if !isOurs || strings.HasPrefix(dir, ".ci") {
		return "", "", false
	}
	from, to = strings.TrimPrefix(dir, "pkg/"), strings.TrimPrefix(rest, "pkg/")
	return from, to, from != to
}

// refusal says why the file may not import that package, or "".
func refusal(name, imported string) string {
	if imported == neverImported && !strings.HasPrefix(name, ".ci/clients/") {
		return "it resolves ambient credentials; daypass is what they come from"
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if only := onlyImporter[imported]; only != "" && !isTest && !strings.HasPrefix(name, only) && !strings.HasPrefix(name, "pkg/sandbox/") {
		return "only " + only + " may"
	}
	if strings.HasPrefix(name, ".ci/") && strings.HasPrefix(imported, ours) && !slices.Contains(public, strings.TrimPrefix(imported, ours+"pkg/")) {
		return "what is outside pkg uses public packages"
	}
	from, to, isArrow := arrow(name, imported)
	if !isArrow {
		return ""
	}
	allowed, known := mayImport[from]
	switch {
	case !known:
		return "package " + from + " is not in the table"
	case slices.Contains(allowed, to), isTest && slices.Contains(forTests, to), isTest && (strings.HasPrefix(from, "cli/") || strings.HasPrefix(from, "sandbox/")):
		return ""
	}
	return "the table does not allow it"
}

// The rules refuse what they should: a test of the test.
func TestImportRules(t *testing.T) {
	t.Parallel()
	refused := [][2]string{
		{"pkg/secret/secret.go", ours + "pkg/cli"},
		{"pkg/daypass/client.go", ours + "pkg/sandbox"},
		{"pkg/unheard/of.go", ours + "pkg/secret"},
		{"pkg/cli/login.go", "github.com/charmbracelet/lipgloss"},
		{"pkg/internal/upload/upload.go", neverImported},
		{"pkg/internal/login/login_test.go", ours + "pkg/internal/broker"},
		{"cmd/daypass/main.go", ours + "pkg/daypass"},
		{".ci/integration/seal_test.go", ours + "pkg/internal/keyring"},
	}
	for _, r := range refused {
		if refusal(r[0], r[1]) == "" {
			t.Errorf("%s may import %s, want it refused", r[0], r[1])
		}
	}
	allowed := [][2]string{
		{"pkg/cli/style.go", "github.com/charmbracelet/lipgloss"},
		{"pkg/internal/login/login_test.go", ours + "pkg/sandbox"},
		{"cmd/daypass/main.go", ours + "pkg/cli"},
		{".ci/bench/cached/main.go", ours + "pkg/sandbox"},
	}
	for _, a := range allowed {
		if why := refusal(a[0], a[1]); why != "" {
			t.Errorf("%s may not import %s: %s", a[0], a[1], why)
		}
	}
}

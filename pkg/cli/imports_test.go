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

// mayImport lists which of our packages each package may import. Change it in the same commit that adds a package or an
// import between packages, with the reason. A permission that no source file uses is an error.
var mayImport = map[string][]string{
	"secret":                  {},
	"policy":                  {},
	"internal/sanitize":       {}, // one rule for showing texts that others wrote
	"internal/userfile":       {}, // one way to write and check private files
	"internal/process":        {},
	"internal/peercred":       {}, // the sign-in page, the endpoint and the agent check their peer's user
	"internal/lock":           {},
	"internal/connlimit":      {},                  // the sign-in page and the endpoint limit their connections
	"internal/weburl":         {},                  // one rule for where secrets may be sent, and one for what of a URL is shown
	"internal/httpclient":     {"internal/weburl"}, // remedy uses its proxy errors and must not import daypass
	"internal/awsconfig":      {},                  // login warns of settings in AWS's files
	"identity":                {"secret"},
	"credential":              {"identity", "internal/sanitize", "secret"},
	"profile":                 {"identity", "internal/sanitize", "internal/userfile", "internal/weburl", "secret"},
	"internal/storekey":       {"profile"}, // cli/cached finds a credential by the key that daypass stored it under
	"internal/keyring":        {"internal/userfile"},
	"internal/agent":          {"internal/lock", "internal/process", "internal/userfile"},
	"internal/keyring/sealer": {"internal/keyring"},
	"internal/login":          {"identity", "internal/connlimit", "internal/httpclient", "internal/peercred", "internal/sanitize", "internal/weburl", "secret"},
	"internal/awsclient":      {"credential"}, // every AWS client is built from the same settings
	"internal/exchange":       {"credential", "identity", "internal/awsclient", "internal/sanitize", "secret"},
	"internal/signin":         {"internal/lock", "internal/process", "internal/sanitize", "internal/userfile"},
	"internal/loginindex":     {"internal/lock", "internal/userfile"},
	"internal/broker":         {"credential", "identity", "secret"},
	"internal/credserver":     {"credential", "internal/connlimit", "internal/peercred", "internal/weburl", "secret"},
	"internal/upload":         {"credential", "internal/awsclient", "internal/sanitize", "internal/userfile"},
	"internal/remedy":         {"identity", "internal/agent", "internal/broker", "internal/exchange", "internal/httpclient", "internal/login", "internal/signin", "internal/upload", "internal/weburl"},
	"daypass":                 {"credential", "identity", "internal/agent", "internal/awsclient", "internal/broker", "internal/exchange", "internal/httpclient", "internal/keyring", "internal/lock", "internal/login", "internal/loginindex", "internal/signin", "internal/storekey", "internal/upload", "internal/weburl", "profile"},
	"cli":                     {"credential", "daypass", "identity", "internal/agent", "internal/awsconfig", "internal/broker", "internal/credserver", "internal/exchange", "internal/keyring", "internal/login", "internal/process", "internal/remedy", "internal/sanitize", "internal/signin", "internal/storekey", "internal/upload", "internal/userfile", "internal/weburl", "profile", "secret"},
	"cli/cached":              {"credential", "internal/agent", "internal/storekey", "profile"},
	"sandbox":                 {"policy", "secret"},
	"sandbox/command":         {"cli", "credential", "daypass", "identity", "internal/agent", "internal/awsclient", "internal/process", "internal/remedy", "internal/upload", "profile", "sandbox", "secret"}, // remedy for the exit codes, agent to stop the one it started
	"cmd/daypass":             {"cli"},
	"cmd/daypass-credentials": {"cli/cached"},
	"cmd/daypass-sandbox":     {"sandbox/command"},
}

// public lists the packages for other modules. None of their exported declarations names a package under internal.
var public = []string{"cli", "credential", "daypass", "identity", "policy", "profile", "sandbox", "secret"}

// onlyImporter names the only file or package that may import a module that is expensive or prints.
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

// forTests lists packages that the tests of every package may import: value types and the sandbox.
var forTests = []string{"credential", "identity", "profile", "sandbox", "secret"}

// neverImported resolves ambient AWS credentials, which may come from daypass itself.
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
		t.Errorf("only %d files were found", files)
	}
	for _, from := range slices.Sorted(maps.Keys(mayImport)) {
		for _, to := range mayImport[from] {
			if !used[from][to] {
				t.Errorf("%s may import %s but does not: remove the permission", from, to)
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

// arrow returns the package of a file and our package that it imports, as mayImport names them.
func arrow(name, imported string) (from, to string, ok bool) {
	rest, isOurs := strings.CutPrefix(imported, ours)
	dir := path.Dir(name)
	if !isOurs || strings.HasPrefix(dir, ".ci") {
		return "", "", false
	}
	from, to = strings.TrimPrefix(dir, "pkg/"), strings.TrimPrefix(rest, "pkg/")
	return from, to, from != to
}

// refusal returns why the file may not import that package; "" if it may.
func refusal(name, imported string) string {
	if imported == neverImported && !strings.HasPrefix(name, ".ci/clients/") {
		return "it resolves ambient credentials, which may come from daypass"
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if only := onlyImporter[imported]; only != "" && !isTest && !strings.HasPrefix(name, only) && !strings.HasPrefix(name, "pkg/sandbox/") {
		return "only " + only + " may"
	}
	if strings.HasPrefix(name, ".ci/") && strings.HasPrefix(imported, ours) && !slices.Contains(public, strings.TrimPrefix(imported, ours+"pkg/")) {
		return "code outside pkg may only import public packages"
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

// TestImportRules tests the rules of TestImports.
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

package cli

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the house's plan: which package may import which of ours. A new package or arrow is a
// change to this table, in the same commit, with its reason.
var mayImport = map[string][]string{
	"internal/connlimit": {}, // a sign-in's page and the endpoint each had a limiter
	"internal/userfile":  {}, // private files, a sealed value among them, were written in four ways and checked in two

	"secret":     {},
	"lock":       {},
	"awsconfig":  {}, // what AWS's own clients read, which login warns of
	"plain":      {}, // one rule for what may be shown: there were six
	"peer":       {}, // whose connection that is, is asked by a sign-in's page and by the endpoint
	"policy":     {},
	"identity":   {"secret"},
	"credential": {"identity", "plain", "secret"},
	"profile":    {"identity", "internal/userfile", "plain", "secret"},
	"kept":       {"identity", "profile", "secret"}, // whoever looks for a kept credential looks under one name
	"keyring":    {"internal/userfile", "secret"},
	"apart":      {},                // the agent and a sign-in both outlive their caller
	"attempt":    {"lock", "plain"}, // what processes that sign in know of each other
	"agent":      {"apart", "internal/userfile", "lock", "secret"},
	"login":      {"identity", "internal/connlimit", "peer", "plain", "secret"},
	"exchange":   {"credential", "identity", "plain", "secret"},
	"index":      {"internal/userfile", "lock"}, // neither a store nor a part of the wiring: a file that names what the stores hold
	"broker":     {"credential", "identity", "secret"},
	"endpoint":   {"credential", "internal/connlimit", "peer", "secret"},
	"upload":     {"credential", "plain", "secret"},
	"httpclient": {}, // the errors of a proxy are the remedy's too, which does not know the wiring
	"remedy":     {"agent", "attempt", "broker", "credential", "exchange", "httpclient", "identity", "keyring", "lock", "login", "plain", "profile", "secret", "upload"},
	"daypass":    {"agent", "attempt", "broker", "credential", "exchange", "httpclient", "identity", "index", "kept", "keyring", "lock", "login", "plain", "profile", "secret", "upload"},
	"cli":        {"agent", "apart", "attempt", "awsconfig", "broker", "credential", "daypass", "endpoint", "exchange", "identity", "index", "internal/userfile", "keyring", "lock", "login", "plain", "profile", "remedy", "secret", "upload"},
	"sandbox":    {"policy", "secret"},
}

// onlyImporter names the one file or package that may import a module that costs much, or that
// draws or prints.
var onlyImporter = map[string]string{
	"github.com/charmbracelet/lipgloss":       "pkg/cli/style.go",
	"github.com/zalando/go-keyring":           "pkg/keyring",
	"github.com/godbus/dbus/v5":               "pkg/keyring",
	"github.com/gofrs/flock":                  "pkg/lock",
	"github.com/pelletier/go-toml/v2":         "pkg/profile",
	"golang.org/x/oauth2":                     "pkg/login",
	"github.com/aws/aws-sdk-go-v2/service/s3": "pkg/upload",
	"github.com/johannesboyne/gofakes3":       "pkg/sandbox",
}

// neverImported would resolve ambient AWS credentials, and so call daypass itself.
const neverImported = "github.com/aws/aws-sdk-go-v2/config"

const ours = "github.com/daypass/daypass/"

func TestImports(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files++
		checkFile(t, filepath.ToSlash(strings.TrimPrefix(path, "../../")), path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("looked at %d files: the walk does not reach the tree", files)
	}
}

func checkFile(t *testing.T, name, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if fault := faultOf(name, imported); fault != "" {
			t.Errorf("%s imports %s: %s", name, imported, fault)
		}
	}
}

// faultOf says why the file may not import that package, or "".
func faultOf(name, imported string) string {
	if imported == neverImported && !strings.HasPrefix(name, ".ci/clients/") {
		return "it resolves ambient credentials; daypass is what they come from"
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if only := onlyImporter[imported]; only != "" && !isTest && !strings.HasPrefix(name, only) &&
		!strings.HasPrefix(name, "pkg/sandbox/") {
		return "only " + only + " may"
	}
	room, isOurs := strings.CutPrefix(imported, ours+"pkg/")
	if !isOurs || !strings.HasPrefix(name, "pkg/") {
		return ""
	}
	parts := strings.Split(name, "/")
	own := parts[1]
	if own == "internal" {
		own += "/" + parts[2]
	}
	allowed, known := mayImport[own]
	switch {
	case !known:
		return "package " + own + " is not in the table"
	case room == own || slices.Contains(allowed, room) || isTest && room == "sandbox":
		return ""
	}
	return "the table does not allow it"
}

// The rules refuse what they should: a test of the test.
func TestImportRules(t *testing.T) {
	t.Parallel()
	refused := [][2]string{
		{"pkg/secret/secret.go", ours + "pkg/cli"},
		{"pkg/daypass/daypass.go", ours + "pkg/sandbox"},
		{"pkg/unheard/of.go", ours + "pkg/secret"},
		{"pkg/cli/login.go", "github.com/charmbracelet/lipgloss"},
		{"pkg/upload/upload.go", neverImported},
		{"pkg/login/login_test.go", ours + "pkg/broker"},
		{"pkg/internal/userfile/userfile.go", ours + "pkg/secret"},
		{"pkg/secret/secret.go", ours + "pkg/internal/userfile"},
	}
	for _, r := range refused {
		if faultOf(r[0], r[1]) == "" {
			t.Errorf("%s may import %s, want it refused", r[0], r[1])
		}
	}
	allowed := [][2]string{
		{"pkg/cli/style.go", "github.com/charmbracelet/lipgloss"},
		{"pkg/login/login_test.go", ours + "pkg/sandbox"},
		{"cmd/daypass/main.go", ours + "pkg/cli"},
		{"pkg/cli/tokenfile.go", ours + "pkg/internal/userfile"},
	}
	for _, a := range allowed {
		if fault := faultOf(a[0], a[1]); fault != "" {
			t.Errorf("%s may not import %s: %s", a[0], a[1], fault)
		}
	}
}

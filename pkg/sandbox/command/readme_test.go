package command

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// notRun are the commands of README.md that this test does not run, with the reason. It runs all others unchanged.
var notRun = map[string]string{
	"git clone https://github.com/daypass/daypass && cd daypass": "needs the network; .ci/run clones the working tree",
	"git clone https://github.com/daypass/daypass":               "needs the network; the test copies the working tree",

	"aws s3 mb s3://your-photo-bucket": "creates a bucket at AWS",
	"aws iam create-role --role-name PhotoUploader --assume-role-policy-document file://trust.json":                        "creates a role at AWS",
	"aws iam put-role-policy --role-name PhotoUploader --policy-name own-prefix --policy-document file://permissions.json": "writes a role's policy at AWS",
	"aws iam create-open-id-connect-provider --url https://idp.example.com --client-id-list daypass":                       "creates a provider at AWS",
	"daypass env --shell fish | source":                               "for fish; .ci/integration runs it there",
	"daypass env --shell powershell | Out-String | Invoke-Expression": "for PowerShell",
	"daypass serve":        "runs until it is ended; the block below it is run",
	"daypass exec --renew": "has no command; the line below it is run",
	"./daypass-sandbox":    "runs until it is ended; the test runs it with the policies of README.md, for all other commands",

	"ssh HOST 'umask 077; cat > .daypass-token' < ~/.daypass-token": "needs another machine",
	"ssh -R 9911:127.0.0.1:9911 HOST":                               "needs another machine",
	"ssh -L 9911:127.0.0.1:9911 HOST":                               "needs another machine",
	"ssh -L":                                                        "is the beginning of a line that daypass login prints",
	"docker run --network host":                                     "needs a container",

	"man daypass-whoami": "needs a pager",
	"man daypass-status": "needs a pager",
	"bash .ci/run":       "runs this test",
	"go test ./...":      "runs this test",
}

// needsServe is the script that connects to a `daypass serve` on another machine. The test starts one here.
const needsServe = "export AWS_CONTAINER_CREDENTIALS_FULL_URI="

// Following README.md from top to bottom yields what it says. Commands of aws run with «go test -tags integration».
func TestReadme(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("it builds the programs, and follows the lines for Linux")
	}
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t, string(text))
	left := map[string]bool{}
	for command := range notRun {
		left[command] = true
	}
	scripts := shellScripts(string(text))
	install := slices.IndexFunc(scripts, func(script string) bool { return strings.Contains(script, "sudo install") })
	scripts = slices.Concat(scripts[install:], scripts[:install]) // README.md shows what daypass does before it installs it
	serve := ""
	for _, script := range scripts {
		var lines []string
		for line := range strings.Lines(script) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
			line = strings.TrimSpace(line)
			line, _, _ = strings.Cut(line, " # ")
			if _, skipped := notRun[line]; skipped {
				delete(left, line)
				continue
			}
			if integrationAWS == "" && regexp.MustCompile(`\baws `).MatchString(line) {
				continue
			}
			lines = append(lines, line)
		}
		script = strings.Join(lines, "\n")
		if strings.HasPrefix(script, "daypass serve ") {
			serve = strings.Join(lines[:2], "\n")
		}
		if strings.HasPrefix(script, needsServe) {
			script = serve + "\n" + script
		}
		if script != "" {
			r.run(script)
		}
	}
	for command := range left {
		t.Errorf("README.md has no command %q, which notRun names", command)
	}
	r.runCompletionHelp()
}

// The test finds commands everywhere in README.md.
func TestShellScripts(t *testing.T) {
	t.Parallel()
	text := "Say `daypass login\n  --again`, or `go vet`; `photos` and `region = 1` are none.\n\n    make it\n    so\n\n1. list\n   ```sh\n   ls `x`\n   ```\n\n" +
		"```\n$ one\noutput\n$ two\n```\n```toml\nno = 1\n```\n```ini\ncredential_process = a b\n```\n"
	want := []string{"daypass login --again", "go vet", "make it\nso", "ls `x`", "one\ntwo", "a b"}
	if got := shellScripts(text); !slices.Equal(got, want) {
		t.Errorf("shellScripts = %q, want %q", got, want)
	}
}

// programs are the first words of a command in running text.
var programs = strings.Fields("daypass daypass-credentials daypass-sandbox ./daypass-sandbox aws go ssh sudo mkdir install man bash sh docker eval git export curl cd apt-get brew")

var inlineCode = regexp.MustCompile("`([^`]+)`")

// shellScripts returns the commands of README.md in its order: whole blocks of sh, lines after a prompt,
// credential_process lines, and commands in running text.
func shellScripts(text string) []string {
	var scripts, block []string
	var prose strings.Builder
	kind, inBlock := "", false
	flush := func() {
		for _, found := range inlineCode.FindAllStringSubmatch(prose.String(), -1) {
			words := strings.Fields(found[1])
			if len(words) > 1 && slices.Contains(programs, words[0]) {
				scripts = append(scripts, strings.Join(words, " "))
			}
		}
		prose.Reset()
		if script := strings.Join(block, "\n"); script != "" {
			scripts = append(scripts, script)
		}
		block = nil
	}
	wasBlank := true
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		trimmed := strings.TrimSpace(line)
		fence, isFence := strings.CutPrefix(trimmed, "```")
		indented, isIndented := strings.CutPrefix(line, "    ")
		prompt, isPrompt := strings.CutPrefix(trimmed, "$ ")
		process, isProcess := strings.CutPrefix(trimmed, "credential_process = ")
		switch {
		case isFence:
			flush()
			kind, inBlock = fence, !inBlock
		case inBlock && kind == "sh":
			block = append(block, trimmed)
		case inBlock && kind == "" && isPrompt:
			block = append(block, prompt)
		case inBlock && kind == "ini" && isProcess:
			block = append(block, process)
		case inBlock:
		case isIndented && (wasBlank || block != nil):
			if block == nil {
				flush()
			}
			block = append(block, indented)
		default:
			if block != nil {
				flush()
			}
			prose.WriteString(line + "\n")
		}
		wasBlank = trimmed == ""
	}
	flush()
	return scripts
}

// reader is a user who follows README.md on their own machine.
type reader struct {
	t       *testing.T
	dir     string // contains the source tree in "daypass", and everything else
	environ []string
	replace *strings.Replacer
}

func newReader(t *testing.T, text string) *reader {
	t.Helper()
	r := &reader{t: t, dir: t.TempDir()}
	for _, name := range []string{"home/.aws", "home/.config/daypass", "programs", "tmp", "daypass"} {
		r.must(os.MkdirAll(filepath.Join(r.dir, name), 0o700))
	}
	for _, name := range []string{"cmd", "pkg", "man", "completions"} {
		r.must(os.CopyFS(filepath.Join(r.dir, "daypass", name), os.DirFS("../../../"+name)))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile("../../../" + name)
		r.must(err)
		r.write("daypass/"+name, string(data), 0o600)
	}
	r.write("daypass/holiday.jpg", "the sea", 0o600)
	r.write("daypass/trust.json", block(t, text, "json", "sts:AssumeRoleWithWebIdentity"), 0o600)
	r.write("daypass/permissions.json", block(t, text, "json", "s3:PutObject"), 0o600)
	r.write("programs/sudo", "#!/bin/sh\nexec \"$@\"\n", 0o700)
	if integrationAWS != "" {
		r.write("programs/aws", strings.ReplaceAll(newerAWS, "exec AWS", "exec "+integrationAWS), 0o700)
	}
	issuer := r.startSandbox()
	prefix := filepath.Join(r.dir, "usr", "local")
	r.replace = strings.NewReplacer(
		"/usr/local", prefix, "9911", freePort(t), "110212345678901234567", "alice-4f2a",
		`preset        = "google"`, `issuer = "`+issuer+`"`, "https://idp.example.com", issuer,
		`client_id  = "daypass"`, `client_id = "1234.apps.googleusercontent.com"`, "--client-id daypass", "--client-id 1234.apps.googleusercontent.com",
		`client_id    = "daypass"`, `client_id = "1234.apps.googleusercontent.com"`, "role/Work", "role/PhotoUploader",
		"upload FILE…", "upload holiday.jpg", "-- COMMAND", "-- true", `URL …`, `"$AWS_ENDPOINT_URL_STS" sts get-caller-identity --profile photos`, "'…'", "true",
	)
	r.write("home/.config/daypass/config.toml", r.replace.Replace("default_profile = \"photos\"\n"+block(t, text, "toml", "[profile.photos]")+
		block(t, text, "toml", "[profile.work]")), 0o600)
	r.write("home/.aws/config", r.replace.Replace(block(t, text, "ini", "[profile photos]")), 0o600)
	r.environ = append(r.environ, "HOME="+filepath.Join(r.dir, "home"), "TMPDIR="+filepath.Join(r.dir, "tmp"),
		"PATH="+strings.Join([]string{filepath.Join(r.dir, "programs"), filepath.Join(prefix, "bin"), os.Getenv("PATH")}, ":"),
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOPATH="+goEnv(t, "GOPATH"),
		"DAYPASS_BROWSER=daypass-sandbox", "AWS_PAGER=", "DBUS_SESSION_BUS_ADDRESS=unix:path="+r.dir+"/no-bus")
	return r
}

// newerAWS makes an AWS CLI before 2.13 read the endpoint variables and the token file.
const newerAWS = `#!/bin/sh
[ "$1" = --version ] && echo aws-cli/2.13.0 && exit
if [ -n "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" ]; then
	export AWS_CONTAINER_AUTHORIZATION_TOKEN="$(cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")"
fi
for arg; do
	case $arg in
	--endpoint-url) exec AWS "$@" ;;
	s3) exec AWS --endpoint-url "$AWS_ENDPOINT_URL_S3" "$@" ;;
	sts) exec AWS --endpoint-url "$AWS_ENDPOINT_URL_STS" "$@" ;;
	esac
done
echo "aws $*: not for the sandbox" >&2
exit 1
`

// startSandbox serves README.md's role until the test ends. The sandbox's variables become the reader's environment,
// except for the files that the reader writes. It returns the issuer.
func (r *reader) startSandbox() (issuer string) {
	r.t.Helper()
	cmd := exec.Command("daypass-sandbox", "--trust-policy", "daypass/trust.json", "--permissions", "daypass/permissions.json", "--log=false")
	cmd.Dir, cmd.Env = r.dir, append(os.Environ(), "TMPDIR="+filepath.Join(r.dir, "tmp"))
	stderr, err := cmd.StderrPipe()
	r.must(err)
	stdout, err := cmd.StdoutPipe()
	r.must(err)
	r.must(cmd.Start())
	r.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stderr); issuer == "" && lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "idp" {
			issuer = fields[1]
		}
	}
	go func() { _, _ = bufio.NewReader(stderr).WriteTo(&bytes.Buffer{}) }()
	assignment := regexp.MustCompile(`^export ([A-Z_0-9]+)='([^']*)'`)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AWS_") && !strings.HasPrefix(entry, "DAYPASS_") && !strings.HasPrefix(entry, "XDG_") {
			r.environ = append(r.environ, entry)
		}
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		found := assignment.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		switch found[1] {
		case "DAYPASS_CONFIG_FILE", "AWS_CONFIG_FILE", "AWS_PROFILE": // the reader writes these
		default:
			r.environ = append(r.environ, found[1]+"="+found[2])
		}
		if found[1] == "DAYPASS_STATE_DIR" { // the last of them
			break
		}
	}
	return issuer
}

// run runs a script of README.md. It signs the reader in if daypass is already installed.
func (r *reader) run(script string) {
	r.t.Helper()
	script = r.replace.Replace(script)
	dir := filepath.Join(r.dir, "daypass")
	switch {
	case strings.HasPrefix(script, "cd daypass"):
		dir = r.dir
	case strings.HasPrefix(script, "go run") || strings.HasPrefix(script, "go test"):
		dir = "../../.." // where the build commands have put the programs
	}
	whole := "if command -v daypass >/dev/null; then daypass login --quiet; fi\n" + script
	if out, err := r.shell(dir, whole); err != nil {
		r.t.Errorf("README.md has a command that fails: %v\n%s\n\n%s", err, script, out)
	}
}

// shell runs a script, and ends its background processes.
func (r *reader) shell(dir, script string) (string, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", script)
	out, err := os.CreateTemp(r.dir, "out")
	r.must(err)
	defer out.Close()
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, r.environ, out, out // files, because a background process may keep them open
	if dir != "../../.." {
		cmd.Env = append(slices.Clone(cmd.Env), "GOFLAGS=-trimpath") // so that the test's copies are built only once
	}
	err = runGroup(cmd)
	text, readErr := os.ReadFile(out.Name())
	r.must(readErr)
	return string(text), err
}

// runCompletionHelp runs those lines of «daypass completion bash --help» (see README.md) that write files.
func (r *reader) runCompletionHelp() {
	r.t.Helper()
	help, err := r.shell(filepath.Join(r.dir, "daypass"), "daypass completion bash --help")
	r.must(err)
	var lines []string
	for line := range strings.Lines(help) {
		if strings.HasPrefix(line, "  mkdir ") || strings.HasPrefix(line, "  daypass completion") && strings.Contains(line, "> ~/") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if len(lines) != 4 {
		r.t.Errorf("the help of completion has %d lines that write files, want 4: %q", len(lines), lines)
	}
	r.run(strings.Join(lines, "\n"))
}

func (r *reader) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) write(name, text string, mode os.FileMode) {
	r.t.Helper()
	r.must(os.WriteFile(filepath.Join(r.dir, name), []byte(text), mode))
}

// block returns the first fenced block of that kind that contains the text.
func block(t *testing.T, text, kind, with string) string {
	t.Helper()
	fenced := regexp.MustCompile("(?ms)^( *)```" + kind + "\n(.*?)^ *```$")
	for _, found := range fenced.FindAllStringSubmatch(text, -1) {
		if strings.Contains(found[2], with) {
			return strings.ReplaceAll("\n"+found[2], "\n"+found[1], "\n")[1:]
		}
	}
	t.Fatalf("README.md has no block of %s with %q", kind, with)
	return ""
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/profile"
)

// manDate is the date on every page. It is fixed so that generated pages do not change daily; change it with the text.
const manDate = "2026-11-01"

const topic = "daypass-profile-flags"

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage returns a command's page.
func manPage(cmd *cobra.Command) string {
	var r roff
	name := pageName(cmd)
	fmt.Fprintf(&r, ".TH %s 1 %s \"daypass\" \"daypass manual\"\n", strings.ToUpper(name), manDate)
	r.section("NAME")
	fmt.Fprintf(&r, "%s \\- %s\n", toRoff.Replace(name), toRoff.Replace(cmd.Short))
	r.section("SYNOPSIS")
	r.WriteString(synopsis(cmd) + "\n")
	if name == "daypass-credentials" { // also a program
		r.WriteString(".br\n" + strings.Replace(synopsis(cmd), bold(cmd.CommandPath()), bold(name), 1) + "\n")
	}
	r.section("DESCRIPTION")
	if name == topic {
		r.keys()
	} else {
		r.text(cmd.Long)
		r.command(cmd)
	}
	r.section("SEE ALSO")
	var others []string
	for _, page := range documented(cmd.Root()) {
		if other := pageName(page); other != name && (!cmd.HasParent() || other == "daypass" || other == topic) {
			others = append(others, other)
		}
	}
	r.pages(others...)
	return r.String()
}

// synopsis sets literal words in bold and placeholders in italics.
func synopsis(cmd *cobra.Command) string {
	if pageName(cmd) == topic {
		return bold("daypass help profile-flags")
	}
	path := cmd.CommandPath()
	words := []string{bold(path)}
	for _, word := range strings.Fields(strings.TrimPrefix(usageLine(cmd), path)) {
		bare := strings.Trim(word, "[]")
		words = append(words, strings.Replace(word, bare, italic(bare), 1))
	}
	return strings.Join(words, " ")
}

// command writes the sections after the description.
func (r *roff) command(cmd *cobra.Command) {
	if !cmd.HasParent() {
		r.commands(cmd)
	}
	r.section("OPTIONS")
	for _, f := range ownFlags(cmd) {
		r.item(flagInFonts(f), sentence(f.Usage))
	}
	r.WriteString(".PP\n")
	if cmd.HasParent() {
		r.text("The options of every command are in daypass(1), the keys of a profile as options in daypass-profile-flags(1).")
	} else {
		r.text("The keys of a profile as options are in daypass-profile-flags(1).")
	}
	if fields := jsonFields(cmd); len(fields) > 0 {
		r.section("JSON")
		for _, f := range fields {
			r.item(italic(f.label), f.text+".")
		}
	}
	r.section("EXIT STATUS")
	for _, code := range exitCodes(cmd) {
		r.item(strconv.Itoa(code.Number), code.Meaning)
	}
	if !cmd.HasParent() {
		r.surroundings()
	}
	r.section("EXAMPLES")
	r.literal(cmd.Example)
}

func (r *roff) commands(root *cobra.Command) {
	r.section("COMMANDS")
	for _, cmd := range root.Commands() {
		if shownInHelp(cmd) {
			r.item(synopsis(cmd), sentence(cmd.Short))
		}
	}
}

// flagInFonts is a name of flagRows with fonts.
func flagInFonts(f *pflag.Flag) string {
	name := bold("--" + f.Name)
	if f.Shorthand != "" {
		name = bold("-"+f.Shorthand) + ", " + name
	}
	if value := valueName(f); value != "" {
		name += " " + italic(value)
	}
	return name
}

// exitCodes returns the exit codes that a command can have: only upload succeeds in part, only exec runs commands, some
// commands contact neither IdP nor AWS, and a signal is how serve is stopped.
func exitCodes(cmd *cobra.Command) []remedy.ExitCode {
	local := slices.Contains([]string{"version", "completion", "serve"}, cmd.Name())
	return slices.DeleteFunc(remedy.ExitCodes(), func(code remedy.ExitCode) bool {
		switch code.Number {
		case remedy.ExitPartly:
			return cmd.HasParent() && cmd.Name() != "upload"
		case remedy.ExitSignInNeeded, remedy.ExitRefused:
			return local
		case remedy.ExitCannotRun, remedy.ExitNoCommand:
			return cmd.HasParent() && cmd.Name() != "exec"
		case remedy.ExitInterrupted:
			return cmd.Name() == "serve"
		}
		return false
	})
}

// surroundings writes the files and variables that all commands use.
func (r *roff) surroundings() {
	r.section("FILES")
	for _, file := range [][2]string{
		{"~/.config/daypass/config.toml", "The profiles. With XDG_CONFIG_HOME set, $XDG_CONFIG_HOME/daypass/config.toml; on macOS " +
			"~/Library/Application Support/daypass/config.toml; on Windows %AppData%\\daypass\\config.toml. " +
			"--config and DAYPASS_CONFIG_FILE name another file. If another user can change the file, daypass warns, and refuses it if " +
			"it contains a client secret."},
		{"~/.aws/config, ~/.aws/credentials", "Files of the AWS CLI and the SDKs. daypass login warns of settings there that take precedence over " +
			"daypass, such as static keys. AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name other files."},
		{"/run/user/UID/daypass", "The private directory with the agent's socket, the records of pending sign-ins, and lock files. A lock file is removed when " +
			"its lock is released (except on Windows). If /run/user/UID does not exist, or is not private to you: .local/state/daypass/run below your " +
			"home directory in the password database; on Windows daypass\\run in the folder that the system names for local application " +
			"data. HOME, XDG_RUNTIME_DIR and XDG_STATE_HOME do not change it, so that cron and a desktop session use the same agent. " +
			"DAYPASS_RUNTIME_DIR names another one."},
		{"~/.local/state/daypass", "State files: the index of logins, without secrets (logins.json), and refresh tokens that are too long for the keyring, encrypted with a key in the " +
			"keyring. With XDG_STATE_HOME set, $XDG_STATE_HOME/daypass; on macOS ~/Library/Application Support/daypass; on Windows " +
			"%LocalAppData%\\daypass. DAYPASS_STATE_DIR names another one."},
	} {
		r.item(italic(file[0]), file[1])
	}
	r.section("ENVIRONMENT")
	for _, variable := range [][2]string{
		{"DAYPASS_PROFILE", "The profile to use if --profile is not given."},
		{"DAYPASS_CONFIG_FILE", "The configuration file to use if --config is not given."},
		{"DAYPASS_BROWSER", "The command that opens the sign-in page if --browser is not given."},
		{"DAYPASS_RUNTIME_DIR", "The private directory of the agent's socket and the lock files (see FILES)."},
		{"DAYPASS_STATE_DIR", "The directory of state files (see FILES)."},
		{"DAYPASS_EXPORTED", "The variables that daypass env exported into this shell. Set by daypass env."},
		{"AWS_REGION, AWS_DEFAULT_REGION", "The region, if the profile has none."},
		{"AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_COGNITO_IDENTITY",
			"Endpoints to use instead of those of AWS, if the profile has none."},
		{"AWS_CA_BUNDLE, HTTPS_PROXY, NO_PROXY", "Apply to the identity provider as well as to AWS."},
		{"NO_COLOR", "Disables colours and bold text."},
	} {
		r.item(strings.ReplaceAll(bold(variable[0]), ", ", `\fR, \fB`), variable[1])
	}
	r.WriteString(".PP\n")
	r.text("Every other key of a profile has a variable too: see daypass-profile-flags(1).")
}

// wholeConfig is an example with every kind of table that a file may have.
const wholeConfig = `default_profile = "photos"

# A login that several profiles share.
[login.company]
issuer    = "https://idp.example.com"
client_id = "daypass"

[profile.photos]
region = "us-east-1"
logins = ["company"]

[profile.photos.role]
arn      = "arn:aws:iam::111122223333:role/PhotoUploader"
duration = "1h"

[profile.photos.upload]
bucket = "your-photo-bucket"
prefix = "uploads/{sub}/"

# A login of the profile's own, and an identity pool in place of a role.
[profile.team]
region = "us-east-1"

[profile.team.login]
preset        = "google"
client_id     = "1234.apps.googleusercontent.com"
client_secret = "GOCSPX-..."

[profile.team.identity_pool]
id = "us-east-1:11111111-2222-3333-4444-555555555555"
`

func (r *roff) keys() {
	r.text(aboutKeys)
	r.section("KEYS")
	for _, key := range profile.Keys() {
		text := sentence(key.Usage)
		if names := keyNames(key); len(names) > 0 {
			text += " (" + strings.Join(names, ", ") + ")"
		}
		r.item(bold(key.Path), text)
	}
	r.section("EXAMPLES")
	r.text("A complete config.toml; daypass(1) lists its location.")
	r.WriteString(".PP\n")
	r.literal(wholeConfig)
}

func TestWholeConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.toml")
	writeFile(t, file, wholeConfig)
	for name, want := range map[string]string{"": "photos", "team": "team"} {
		p, err := profile.Load(profile.Source{File: file, Name: name})
		if err != nil || p.Name != want {
			t.Errorf("profile %q: got %q and %v, want %q", name, p.Name, err, want)
		}
	}
}

// References on a page are to pages that exist.
func TestManReferences(t *testing.T) {
	t.Parallel()
	files := reference(t)
	for path, text := range files {
		for line := range strings.Lines(text) {
			line = strings.ReplaceAll(line, `\-`, "-")
			before, _, found := strings.Cut(line, "(1)")
			words := strings.Fields(before)
			if !found || len(words) == 0 || !strings.HasPrefix(path, "man/") {
				continue
			}
			if _, ok := files["man/"+words[len(words)-1]+".1"]; !ok {
				t.Errorf("%s refers to %s(1), which does not exist", path, words[len(words)-1])
			}
		}
	}
}

func TestExitCodesOnPages(t *testing.T) {
	t.Parallel()
	files := reference(t)
	for page, want := range map[string][]int{
		"daypass": {0, 1, 2, 3, 4, 5, 126, 127, 130}, "daypass-exec": {0, 1, 2, 4, 5, 126, 127, 130}, "daypass-serve": {0, 1, 2},
		"daypass-upload": {0, 1, 2, 3, 4, 5, 130}, "daypass-login": {0, 1, 2, 4, 5, 130},
		"daypass-credentials": {0, 1, 2, 4, 5, 130}, "daypass-env": {0, 1, 2, 4, 5, 130}, "daypass-version": {0, 1, 2, 130},
	} {
		_, status, _ := strings.Cut(files["man/"+page+".1"], ".SH EXIT STATUS\n")
		status, _, _ = strings.Cut(status, ".SH")
		var got []int
		for line := range strings.Lines(status) {
			if code, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
				got = append(got, code)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has the exit codes %v, want %v", page, got, want)
		}
	}
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/profile"
)

func newWhoamiCommand(app *App) *cobra.Command {
	var more moreOfHolder
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Say who you are to AWS, and until when",
		Long: "Says who this profile's credentials belong to, what they allow you to be, and how long they\n" +
			"last. While a credential is kept, that is told from memory. It never opens a browser: exit code 4\n" +
			"says that nobody is signed in. --claims tells all that the identity provider says of you in the\n" +
			"kept ID token. --verify asks AWS STS, with the credential, whose it is: exit code 5 says that AWS\n" +
			"refuses it, or names another holder.\n" + stableJSON,
		Example: "  daypass whoami\n  daypass whoami --verify\n  daypass whoami --claims --output json",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.open(silent)
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerPatience)
			defer cancel()
			d, err := whoami(ctx, client, more)
			if err != nil {
				return err
			}
			if app.global.output == "json" {
				return writeJSON(app.Out, d)
			}
			layOut(app.Out, "", labelWidth, columns(app.Out), undecorated, d.lines(app.Now()))
			return nil
		},
	}
	cmd.Flags().BoolVar(&more.claims, "claims", false, "tell all claims of the kept ID token")
	cmd.Flags().BoolVar(&more.verify, "verify", false, "ask AWS whose credential it is")
	documentJSON(cmd, whoamiFields())
	return cmd
}

// moreOfHolder is what whoami tells on request.
type moreOfHolder struct{ claims, verify bool }

// labelWidth keeps whoami's columns where they are, whatever it has to tell.
const labelWidth = 8

// whoamiDocument is what whoami prints as JSON. It is stable: fields are added, never renamed. whoamiFields
// describes them.
type whoamiDocument struct {
	holder
	SessionTags    map[string]string `json:"session_tags,omitempty"`
	TransitiveTags []string          `json:"transitive_tag_keys,omitempty"`
	Verified       bool              `json:"verified,omitempty"`
	Claims         map[string]any    `json:"claims,omitempty"`
}

func whoamiFields() []pair {
	return []pair{
		{"profile", "the profile; not there where flags and variables made one"},
		{"issuer", "the identity provider's URL; empty for a guest"},
		{"subject", "the person's sub claim; empty for a guest"},
		{"email", "the person's email claim, where the token has one"},
		{"role_arn", "the profile's role"},
		{"role_name", "the role that AWS says it is, where it says so; for identity pools with --verify"},
		{"account_id", "that role's account"},
		{"session_name", "the session's name, which CloudTrail shows"},
		{"principal_arn", "the whole of it: the assumed role's ARN"},
		{"identity_id", "the identity in the identity pool"},
		{"guest", "true for a guest of an identity pool, else not there"},
		{"region", "the profile's region"},
		{"expiration", "when the credential ends"},
		{"renews_until", "until when new ones come without a browser, where the identity provider says so"},
		{"renews", "whether new ones come without a browser"},
		{"prefix", "the part of upload.bucket that is this holder's"},
		{"upload_url", "the same as an s3:// URL"},
		{"session_tags", "the session's tags by key, as the kept ID token gives them to STS"},
		{"transitive_tag_keys", "those of them that outlive a chain of roles"},
		{"verified", "true with --verify, else not there: AWS has just named this holder"},
		{"claims", "all claims of the kept ID token, with --claims"},
	}
}

// whoami says whose the kept credential is, or, where none is kept, one that comes in silence.
func whoami(ctx context.Context, client *daypass.Client, more moreOfHolder) (whoamiDocument, error) {
	p, c, err := client.Profile(), client.Cached(ctx), error(nil)
	if c.IsZero() {
		if c, err = client.Credential(ctx); err != nil {
			return whoamiDocument{}, err
		}
	}
	token := client.Grant(ctx).ID
	if more.verify {
		if c.Principal, err = client.Verify(ctx, c); err != nil {
			return whoamiDocument{}, err
		}
	}
	d := whoamiDocument{holder: newHolder(p, client.Grant(ctx), c), Verified: more.verify}
	if more.claims {
		if d.Claims = token.AllClaims(); d.Claims == nil {
			return whoamiDocument{}, noClaims(p)
		}
	}
	if p.IdentityPool.ID == "" { // a pool maps claims to tags by rules of its own
		d.tag(token.Claims.SessionTags())
	}
	return d, nil
}

func noClaims(p profile.Profile) error {
	if p.IdentityPool.Guest {
		return errors.New("telling the claims: a guest has no ID token")
	}
	return errors.New("telling the claims: no ID token is kept here any more, for it has expired or there is no agent")
}

func (d *whoamiDocument) tag(tags []identity.SessionTag) {
	for _, tag := range tags {
		if d.SessionTags == nil {
			d.SessionTags = map[string]string{}
		}
		d.SessionTags[tag.Key] = tag.Value
		if tag.Transitive {
			d.TransitiveTags = append(d.TransitiveTags, tag.Key)
		}
	}
}

// lines are the document for people.
func (d whoamiDocument) lines(now time.Time) []pair {
	lines := append([]pair{{"person", d.person()}, {"issuer", d.Issuer}}, d.pairs(now)...)
	for _, key := range slices.Sorted(maps.Keys(d.SessionTags)) {
		text := key + "=" + d.SessionTags[key]
		if slices.Contains(d.TransitiveTags, key) {
			text += " (transitive)"
		}
		lines = append(lines, pair{"tag", text})
	}
	if d.Verified {
		lines = append(lines, pair{"verified", "AWS says the same, just now"})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Claims)) {
		lines = append(lines, pair{"claim", name + " = " + claimText(d.Claims[name])})
	}
	return lines
}

// claimText is a claim's text, or its JSON where it is none.
func claimText(claim any) string {
	if text, ok := claim.(string); ok {
		return text
	}
	value, err := json.Marshal(claim)
	if err != nil {
		return ""
	}
	return string(value)
}

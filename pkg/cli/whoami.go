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
	var more whoamiOptions
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show who you are to AWS",
		Long: "Shows whose credentials this profile has: person, role, account and session, and when they expire.\n" +
			"It uses the cached credential if there is one. It never opens a browser: exit code 4 means that\n" +
			"nobody is signed in. --claims also shows all claims of the cached ID token. --verify asks AWS STS\n" +
			"whose the credential is: exit code 5 means that AWS refused it or named another principal.\n" + stableJSON,
		Example: "  daypass whoami\n  daypass whoami --verify\n  daypass whoami --claims --output json",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.open(withoutSignIn)
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerTimeout)
			defer cancel()
			d, err := whoami(ctx, client, more)
			if err != nil {
				return err
			}
			if app.global.output == "json" {
				return writeJSON(app.Out, d)
			}
			layOut(app.Out, "", labelWidth, columns(app.Out), newStyle(app.Out).dim.Render, d.lines(app.Now()))
			return nil
		},
	}
	cmd.Flags().BoolVar(&more.claims, "claims", false, "also show all claims of the cached ID token")
	cmd.Flags().BoolVar(&more.verify, "verify", false, "ask AWS whose the credential is")
	documentJSON(cmd, whoamiFields())
	return cmd
}

// whoamiOptions are the flags of whoami.
type whoamiOptions struct{ claims, verify bool }

// labelWidth is the width of whoami's first column, whichever labels it shows.
const labelWidth = 8

// whoamiDocument is the JSON of whoami. It is stable: fields are added, never renamed. whoamiFields describes them.
type whoamiDocument struct {
	signedInAs
	SessionTags    map[string]string `json:"session_tags,omitempty"`
	TransitiveTags []string          `json:"transitive_tag_keys,omitempty"`
	Verified       bool              `json:"verified,omitempty"`
	Claims         map[string]any    `json:"claims,omitempty"`
}

func whoamiFields() []pair {
	return []pair{
		{"profile", "the profile; absent if it is made of flags and variables"},
		{"issuer", "the identity provider's URL; empty for a guest"},
		{"subject", "the person's sub claim; empty for a guest"},
		{"email", "the person's email claim, if the token has one"},
		{"role_arn", "the profile's role"},
		{"role_name", "the role that AWS names, if it names one; for identity pools only with --verify"},
		{"account_id", "that role's account"},
		{"session_name", "the role session name, which CloudTrail shows"},
		{"principal_arn", "the ARN of the assumed role"},
		{"identity_id", "the identity in the identity pool"},
		{"guest", "true for a guest of an identity pool; otherwise absent"},
		{"region", "the profile's region"},
		{"expiration", "when the credential expires"},
		{"renews_until", "until when credentials can be refreshed without a browser, if the identity provider says so"},
		{"renews", "whether credentials can be refreshed without a browser"},
		{"prefix", "the person's own prefix in upload.bucket"},
		{"upload_url", "bucket and prefix as an s3:// URL"},
		{"session_tags", "the session tags by key, as in the cached ID token"},
		{"transitive_tag_keys", "the keys of the transitive session tags"},
		{"verified", "true with --verify, when AWS names this principal; otherwise absent"},
		{"claims", "all claims of the cached ID token, with --claims"},
	}
}

// whoami describes the cached credential or, if there is none, a new one that needs no prompting.
func whoami(ctx context.Context, client *daypass.Client, more whoamiOptions) (whoamiDocument, error) {
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
	d := whoamiDocument{signedInAs: newSignedInAs(p, client.Grant(ctx), c), Verified: more.verify}
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
		return errors.New("showing the claims: a guest has no ID token")
	}
	return errors.New("showing the claims: no ID token is cached: it has expired, or no agent is running")
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

// lines returns the document as text.
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
		lines = append(lines, pair{"verified", "AWS has just named the same principal"})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Claims)) {
		lines = append(lines, pair{"claim", name + " = " + claimText(d.Claims[name])})
	}
	return lines
}

// claimText returns a claim: a string as it is, anything else as JSON.
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

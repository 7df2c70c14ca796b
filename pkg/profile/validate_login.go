package profile

import (
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// maxSecretBytes bounds a client secret's file.
const maxSecretBytes = 4096

func (b *builder) login() Login {
	l := Login{
		Preset: b.text("login.preset"), Issuer: b.text("login.issuer"), ClientID: b.text("login.client_id"),
		ClientSecret: b.clientSecret(), LoginHint: b.text("login.login_hint"),
		Scopes: b.settings.list("login.scopes"), RedirectURIs: b.redirectURIs(), Method: b.method(), Prompt: b.prompt(),
	}
	l.OfflineAccess = len(l.Scopes) == 0
	b.applyPreset(&l)
	if len(l.Scopes) == 0 {
		l.Scopes = []string{"openid", "email"}
	}
	l.AgainPrompt = againPrompt(l)
	b.checkIssuer(l)
	if l.ClientID == "" {
		b.fault("login.client_id", "missing").Hint = "the ID that the identity provider gave this client when it was registered"
	}
	b.checkScopes(l.Scopes)
	return l
}

// loginUnlessGuest refuses a login where nobody is to sign in: one of the two was not meant.
func (b *builder) loginUnlessGuest() Login {
	if !strings.EqualFold(b.text("identity_pool.guest"), "true") {
		return b.login()
	}
	for _, path := range []string{"login.issuer", "login.preset", "login.client_id"} {
		if b.text(path) != "" {
			b.fault(path, "a guest signs in nowhere").Hint = "take the login out, or identity_pool.guest"
			break
		}
	}
	return Login{}
}

// applyPreset fills what is left open.
func (b *builder) applyPreset(l *Login) {
	if l.Preset == "" {
		return
	}
	p, ok := findPreset(l.Preset)
	if !ok {
		b.fault("login.preset", "there is no preset %q%s", l.Preset, didYouMean(l.Preset, presetNames())).Hint =
			"there are: " + strings.Join(presetNames(), ", ")
		return
	}
	by := origin{name: "preset " + p.name}
	if l.Issuer == "" {
		l.Issuer, b.origins["login.issuer"] = p.issuer, by
	}
	if len(l.Scopes) == 0 {
		l.Scopes, b.origins["login.scopes"] = p.scopes, by
	}
	l.AuthParams, l.ConsentForRefresh = p.authParams, p.consentForRefresh
	if p.secretReason != "" && l.ClientSecret.IsZero() && !b.settings.said("login.client_secret") {
		b.fault("login.client_secret", "missing: %s", p.secretReason).Hint =
			"it stands beside the client ID where the client was registered; put it into client_secret, client_secret_file or DAYPASS_CLIENT_SECRET"
	}
}

// againPrompt is the preset's, by its name or its issuer.
func againPrompt(l Login) string {
	for _, p := range presets() {
		if p.name == l.Preset || p.issuer == l.Issuer {
			return p.againPrompt
		}
	}
	return ""
}

// prompt checks the form alone, for identity providers have values of their own (OpenID Connect Core §3.1.2.1).
func (b *builder) prompt() string {
	prompt := b.text("login.prompt")
	if values := strings.Fields(prompt); len(values) > 1 && slices.Contains(values, "none") {
		b.fault("login.prompt", "%q: none goes with no other value", prompt)
	}
	return prompt
}

func (b *builder) checkIssuer(l Login) {
	if l.Issuer == "" {
		if l.Preset == "" {
			b.fault("login.issuer", "missing").Hint =
				"the identity provider's URL, or a preset: " + strings.Join(presetNames(), ", ")
		}
		return
	}
	if placeholder := placeholderIn(l.Issuer); placeholder != "" {
		b.fault("login.issuer", "%q has the placeholder %s", l.Issuer, placeholder).Hint =
			"put your own value in its place, such as your tenant's GUID for {tenantid}"
		return
	}
	if err := checkSecureURL(l.Issuer); err != nil {
		b.fault("login.issuer", "%s", err).Hint = urlHint(l.Issuer)
	}
}

// placeholderIn finds what a provider's documentation leaves to be filled in: {tenantid}, {region}.
func placeholderIn(issuer string) string {
	_, rest, open := strings.Cut(issuer, "{")
	name, _, closed := strings.Cut(rest, "}")
	if !open || !closed {
		return ""
	}
	return "{" + name + "}"
}

// clientSecret is never quoted, whatever is wrong with it.
func (b *builder) clientSecret() secret.String {
	text, file := b.text("login.client_secret"), b.text("login.client_secret_file")
	if text != "" && file != "" {
		b.fault("login.client_secret_file", "client_secret is given too: one of them is enough")
		return secret.String{}
	}
	if file != "" {
		content, exposed, err := ReadTrusted(b.source.resolve(file, b.origins["login.client_secret_file"]), maxSecretBytes)
		if err != nil {
			b.fault("login.client_secret_file", "%s", err)
			return secret.String{}
		}
		if exposed != nil {
			b.faults = append(b.faults, exposed.refused(b.origins["login.client_secret_file"], "login.client_secret_file"))
			return secret.String{}
		}
		if text = strings.TrimRight(string(content), "\r\n"); text == "" {
			b.fault("login.client_secret_file", "%q is empty", file)
		}
	}
	return secret.New(text)
}

// checkScopes refuses what no IdP can read (RFC 6749 §3.3) and a request that brings no ID token.
func (b *builder) checkScopes(scopes []string) {
	for _, scope := range scopes {
		if strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			b.fault("login.scopes", "%q is not one scope", scope).Hint = "each scope is an element of the list, or a flag, of its own"
			return
		}
	}
	if !slices.Contains(scopes, "openid") {
		b.fault("login.scopes", "\"openid\" is missing: without it there is no ID token")
	}
}

func (b *builder) redirectURIs() []string {
	uris := b.settings.list("login.redirect_uri")
	for _, uri := range uris {
		if err := checkRedirect(uri); err != nil {
			b.fault("login.redirect_uri", "%s", err).Hint = urlHint(uri)
		}
	}
	return uris
}

func (b *builder) method() string {
	switch method := b.text("login.method"); method {
	case "", "browser":
	case "paste", "device":
		b.fault("login.method", "%q is not supported by this version: only \"browser\" is", method)
	default:
		b.fault("login.method", "%q is not a method: \"browser\" is", method)
	}
	return "browser"
}

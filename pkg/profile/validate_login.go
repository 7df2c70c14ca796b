package profile

import (
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// maxSecretBytes limits the size of a client secret's file.
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
		b.errorf("login.client_id", "missing").Hint = "the ID of this client, from its registration at the identity provider"
	}
	b.checkScopes(l.Scopes)
	return l
}

// loginUnlessGuest returns the login. It is an error if a guest has one.
func (b *builder) loginUnlessGuest() Login {
	if !strings.EqualFold(b.text("identity_pool.guest"), "true") {
		return b.login()
	}
	for _, path := range []string{"login.issuer", "login.preset", "login.client_id"} {
		if b.text(path) != "" {
			b.errorf(path, "a guest does not sign in").Hint = "remove the login, or identity_pool.guest"
			break
		}
	}
	return Login{}
}

// applyPreset sets what the profile does not set.
func (b *builder) applyPreset(l *Login) {
	if l.Preset == "" {
		return
	}
	p, ok := findPreset(l.Preset)
	if !ok {
		b.errorf("login.preset", "there is no preset %q%s", l.Preset, didYouMean(l.Preset, presetNames())).Hint =
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
	l.AuthParams, l.ConsentForRefresh, l.EndSessionForm = p.authParams, p.consentForRefresh, p.endSessionForm
	if p.secretReason != "" && l.ClientSecret.IsZero() && !b.settings.anySet("login.client_secret") {
		b.errorf("login.client_secret", "missing: %s", p.secretReason).Hint =
			"the identity provider shows it beside the client ID; set client_secret, client_secret_file or DAYPASS_CLIENT_SECRET"
	}
}

// againPrompt returns the prompt of the preset with the login's preset name or issuer.
func againPrompt(l Login) string {
	for _, p := range presets() {
		if p.name == l.Preset || p.issuer == l.Issuer {
			return p.againPrompt
		}
	}
	return ""
}

// prompt checks only the form, because identity providers have their own values (OpenID Connect Core §3.1.2.1).
func (b *builder) prompt() string {
	prompt := b.text("login.prompt")
	if values := strings.Fields(prompt); len(values) > 1 && slices.Contains(values, "none") {
		b.errorf("login.prompt", "%q: none cannot be combined with other values", prompt)
	}
	return prompt
}

func (b *builder) checkIssuer(l Login) {
	if l.Issuer == "" {
		if l.Preset == "" {
			b.errorf("login.issuer", "missing").Hint =
				"the identity provider's URL, or a preset: " + strings.Join(presetNames(), ", ")
		}
		return
	}
	if placeholder := placeholderIn(l.Issuer); placeholder != "" {
		b.errorf("login.issuer", "%q has the placeholder %s", l.Issuer, placeholder).Hint =
			"replace it with your own value, such as your tenant's GUID for {tenantid}"
		return
	}
	if err := checkSecureURL(l.Issuer); err != nil {
		b.errorf("login.issuer", "%s", err).Hint = urlHint(l.Issuer)
	}
}

// placeholderIn returns a placeholder of the provider's documentation, such as {tenantid}, or "".
func placeholderIn(issuer string) string {
	_, rest, open := strings.Cut(issuer, "{")
	name, _, closed := strings.Cut(rest, "}")
	if !open || !closed {
		return ""
	}
	return "{" + name + "}"
}

// clientSecret never quotes the secret in an error.
func (b *builder) clientSecret() secret.String {
	text, file := b.text("login.client_secret"), b.text("login.client_secret_file")
	if text != "" && file != "" {
		b.errorf("login.client_secret_file", "client_secret is also set: use one of the two")
		return secret.String{}
	}
	if file != "" {
		content, exposed, err := ReadTrusted(b.source.resolve(file, b.origins["login.client_secret_file"]), maxSecretBytes)
		if err != nil {
			b.errorf("login.client_secret_file", "%s", err)
			return secret.String{}
		}
		if exposed != nil {
			b.errs = append(b.errs, exposed.refused(b.origins["login.client_secret_file"], "login.client_secret_file"))
			return secret.String{}
		}
		if text = strings.TrimRight(string(content), "\r\n"); text == "" {
			b.errorf("login.client_secret_file", "%q is empty", file)
		}
	}
	return secret.New(text)
}

// checkScopes refuses invalid scopes (RFC 6749 §3.3), and scopes without openid, which return no ID token.
func (b *builder) checkScopes(scopes []string) {
	for _, scope := range scopes {
		if strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			b.errorf("login.scopes", "%q is not a single scope", scope).Hint = "use one list element, or one flag, per scope"
			return
		}
	}
	if !slices.Contains(scopes, "openid") {
		b.errorf("login.scopes", "\"openid\" is missing: without it there is no ID token")
	}
}

func (b *builder) redirectURIs() []string {
	uris := b.settings.list("login.redirect_uri")
	for _, uri := range uris {
		if err := checkRedirect(uri); err != nil {
			b.errorf("login.redirect_uri", "%s", err).Hint = urlHint(uri)
		}
	}
	return uris
}

func (b *builder) method() string {
	switch method := b.text("login.method"); method {
	case "", "browser":
	case "paste", "device":
		b.errorf("login.method", "%q is not supported by this version: only \"browser\" is", method)
	default:
		b.errorf("login.method", "%q is not a method: \"browser\" is", method)
	}
	return "browser"
}

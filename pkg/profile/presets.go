package profile

// preset is what is known of an identity provider. It fills only what is left open.
type preset struct {
	name, issuer string
	scopes       []string
	authParams   map[string]string
	// againPrompt has the person asked anew (login --again).
	againPrompt string
	// consentForRefresh: no refresh token comes without prompt=consent.
	consentForRefresh bool
	// secretReason says why a client secret must be given; empty when none is needed.
	secretReason string
}

// presets is the table of identity providers that need no more than a client ID.
func presets() []preset {
	return []preset{
		// Register a client of the type «Desktop app»: https://console.cloud.google.com/auth/clients
		// Any loopback port is accepted. Google asks for the secret of desktop apps at the token
		// endpoint and says itself that it is not confidential:
		// https://developers.google.com/identity/protocols/oauth2/native-app
		{
			name: "google", issuer: "https://accounts.google.com", scopes: []string{"openid", "email"},
			authParams:        map[string]string{"access_type": "offline"},
			consentForRefresh: true,
			// Google knows none, consent and select_account, and refuses login.
			againPrompt:  "select_account consent",
			secretReason: "Google demands a client secret of desktop apps",
		},
		// Register an application that is not confidential, with the scopes openid and email:
		// https://gitlab.com/-/user_settings/applications
		// Its redirect URI should stand in redirect_uri too, for GitLab may compare it exactly.
		// https://docs.gitlab.com/integration/openid_connect_provider/
		{name: "gitlab", issuer: "https://gitlab.com", scopes: []string{"openid", "email"}},
	}
}

func presetNames() []string {
	var names []string
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

func findPreset(name string) (preset, bool) {
	for _, p := range presets() {
		if p.name == name {
			return p, true
		}
	}
	return preset{}, false
}

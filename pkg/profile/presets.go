package profile

// preset has the settings of an identity provider. It fills only what the profile does not set.
type preset struct {
	name, issuer string
	scopes       []string
	authParams   map[string]string
	// againPrompt is the prompt parameter of login --again.
	againPrompt string
	// consentForRefresh says that the IdP returns a refresh token only after prompt=consent.
	consentForRefresh bool
	// endSessionForm says that the end-session endpoint needs an ID token, and accepts it in a form (POST).
	endSessionForm bool
	// secretReason says why a client secret is required; empty if it is not.
	secretReason string
}

// presets returns the known identity providers.
func presets() []preset {
	return []preset{
		// Register a client of the type «Desktop app»: https://console.cloud.google.com/auth/clients
		// Any loopback port is accepted. Google's token endpoint requires the secret of desktop apps, although Google says
		// that it is not confidential:
		// https://developers.google.com/identity/protocols/oauth2/native-app
		{
			name: "google", issuer: "https://accounts.google.com", scopes: []string{"openid", "email"},
			authParams:        map[string]string{"access_type": "offline"},
			consentForRefresh: true,
			// Google supports none, consent and select_account, but not login.
			againPrompt:  "select_account consent",
			secretReason: "Google requires a client secret for desktop apps",
		},
		// Register an application that is not confidential, with the scopes openid and email:
		// https://gitlab.com/-/user_settings/applications
		// Set redirect_uri to the registered redirect URI as well, because GitLab may compare it exactly.
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

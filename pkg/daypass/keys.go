package daypass

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/daypass/daypass/pkg/profile"
)

// keys are the names under which a profile's login and credential are kept.
type keys struct{ login, credential, lockFile string }

// keysOf derives them from every input that makes a login or a credential another one. A credential's
// key lies below its login's, so that forgetting the login forgets all that came of it.
func keysOf(p profile.Profile) keys {
	login := digest(p.Login.Issuer, p.Login.ClientID, p.Login.Scopes, p.Login.LoginHint)
	exchange := digest(p.Region, p.Endpoints.STS, p.Endpoints.CognitoIdentity, p.Endpoints.FIPS,
		p.Endpoints.DualStack, p.Role.ARN, p.Role.SessionName.String(), p.Role.Duration, p.Role.Policy,
		p.Role.PolicyARNs, p.IdentityPool)
	return keys{
		login:      "login/" + login,
		credential: "login/" + login + "/credential/" + exchange,
		lockFile:   login + ".lock",
	}
}

// digest is 32 hex digits of the values' hash. JSON keeps their borders apart.
func digest(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("digest of a value that has no JSON: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

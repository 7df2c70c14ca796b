package sandbox

import (
	"fmt"
	"regexp"
	"strings"
)

// The limits of the API model, in characters.
const (
	maxLogins     = 10
	maxLoginName  = 128
	maxLoginToken = 50_000
	maxIdentityID = 55
)

// identityIDPattern is the pattern of identity and pool IDs, REGION:UUID.
const identityIDPattern = `[\w-]+:[0-9a-f-]+`

var (
	identityIDRegexp = regexp.MustCompile(`^(?:` + identityIDPattern + `)$`)
	accountIDRegexp  = regexp.MustCompile(`^\d{1,15}$`)
)

// check validates the input against the API model. The form of the error is known from public reports; its texts on
// logins are assumed, and quote no token.
func (in cognitoJSON) check(operation string) *awsError {
	var v violations
	if operation == "GetId" {
		v.id("identityPoolId", in.IdentityPoolID)
		if in.AccountID != "" && !accountIDRegexp.MatchString(in.AccountID) {
			v.add(in.AccountID, "accountId", `satisfy regular expression pattern: \d+`)
		}
	} else {
		v.id("identityId", in.IdentityID)
	}
	v.logins(in.Logins)
	if n := len(in.CustomRoleARN); n > 0 && (n < 20 || n > 2048) {
		v.add(in.CustomRoleARN, "customRoleArn", "have length between 20 and 2048")
	}
	if operation == "UnlinkIdentity" {
		if in.Logins == nil {
			v.missing("logins")
		}
		if in.LoginsToRemove == nil {
			v.missing("loginsToRemove")
		}
	}
	return v.refusal()
}

// violations lists the constraints of the model that an input violates.
type violations []string

func (v *violations) add(value, member, must string) {
	*v = append(*v, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, member, must))
}

func (v *violations) missing(member string) {
	*v = append(*v, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", member))
}

func (v *violations) id(member, id string) {
	switch {
	case id == "":
		v.missing(member)
	case len(id) > maxIdentityID:
		v.add(id, member, fmt.Sprintf("have length less than or equal to %d", maxIdentityID))
	case !identityIDRegexp.MatchString(id):
		v.add(id, member, "satisfy regular expression pattern: "+identityIDPattern)
	}
}

func (v *violations) logins(logins map[string]string) {
	if len(logins) > maxLogins {
		*v = append(*v, fmt.Sprintf("Value at 'logins' failed to satisfy constraint: Member must have length less than or equal to %d", maxLogins))
	}
	for name, token := range logins {
		if n := len(name); n == 0 || n > maxLoginName {
			*v = append(*v, fmt.Sprintf("Value at 'logins' failed to satisfy constraint: Map keys must have length between 1 and %d", maxLoginName))
		}
		if n := len(token); n == 0 || n > maxLoginToken {
			*v = append(*v, fmt.Sprintf("Value at 'logins' failed to satisfy constraint: Map value must have length between 1 and %d", maxLoginToken))
		}
	}
}

func (v violations) refusal() *awsError {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return cognitoError("ValidationException", "1 validation error detected: "+v[0])
	}
	return cognitoError("ValidationException", fmt.Sprintf("%d validation errors detected: %s", len(v), strings.Join(v, "; ")))
}

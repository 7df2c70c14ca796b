package sandbox

import (
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// guestRoleARN is the role of the pool's guests.
const guestRoleARN = "arn:aws:iam::111122223333:role/PhotoGuest"

// account describes the sandbox's AWS account. Values of the Options override the defaults.
type account struct {
	role, guestRole Role
	pool            Pool
	bucket          string
	prefix          string // where a session of STS may write, as a daypass profile spells it
	audiences       []string
}

// newAccount returns the account for an issuer.
func newAccount(o Options, roleARN, issuer string) (account, error) {
	a := account{bucket: Bucket, prefix: "uploads/{sub}/", audiences: []string{nativeClientID}}
	a.role = Role{ARN: roleARN, MaxDuration: 12 * time.Hour, Issuer: issuer}
	var err error
	if o.TrustPolicy != nil {
		err = a.rehearseTrust(o.TrustPolicy, issuer)
	} else {
		a.role.Trust = documentOf(trustIssuer(roleARN, issuer, a.audiences), trustPool(PoolID, "authenticated"))
	}
	if err != nil {
		return a, err
	}
	if o.Permissions != nil {
		err = a.rehearsePermissions(o, issuer)
	} else {
		a.role.Permissions = []policy.Document{documentOf(append(
			ownPrefix(a.bucket, "uploads/${"+providerName(issuer)+":sub}/"), ownPrefix(a.bucket, ownPoolPrefix)...)...)}
	}
	a.role.Audiences = a.audiences
	a.guestRole = Role{ARN: guestRoleARN, Trust: documentOf(trustPool(PoolID, "unauthenticated")),
		Permissions: []policy.Document{documentOf(ownPrefix(a.bucket, ownPoolPrefix)...)}}
	a.pool = Pool{ID: PoolID, Issuers: map[string][]string{issuer: a.audiences}, Guests: true, Classic: true,
		AuthenticatedRole: roleARN, UnauthenticatedRole: guestRoleARN, Apps: map[string]string{facebook: oauthClientID}}
	return a, err
}

const ownPoolPrefix = "u/${cognito-identity.amazonaws.com:sub}/"

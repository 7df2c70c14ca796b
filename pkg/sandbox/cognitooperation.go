package sandbox

import (
	"context"
	"errors"
)

// call is one request: its validated input, and the client's context.
type call struct {
	ctx context.Context
	in  cognitoJSON
}

// caller is the identity that a request comes from, after linking and merging, and the logins sent for it. A guest
// has none.
type caller struct {
	pool       Pool
	identityID string
	logins     []login
}

func (c *Cognito) getID(r call) (any, *awsError) {
	pool, known := c.Pools[r.in.IdentityPoolID]
	switch {
	case !known:
		return nil, notFound("IdentityPool", r.in.IdentityPoolID)
	case len(r.in.Logins) == 0 && !pool.Guests:
		return nil, noGuests()
	case len(r.in.Logins) == 0:
		return identityJSON{IdentityID: c.identities.guest(pool.ID)}, nil
	}
	logins, refusal := c.verify(r.ctx, pool, r.in.Logins)
	if refusal != nil {
		return nil, refusal
	}
	id, err := c.identities.signIn(pool.ID, persons(logins))
	if err != nil {
		return nil, identityError(err, "")
	}
	return identityJSON{IdentityID: id}, nil
}

func (c *Cognito) getCredentials(r call) (any, *awsError) {
	who, refusal := c.caller(r)
	if refusal != nil {
		return nil, refusal
	}
	role, refusal := who.role(r.in.CustomRoleARN)
	if refusal != nil {
		return nil, refusal
	}
	if role == "" {
		return nil, noRole()
	}
	a := c.assumptionOf(who, role)
	a.explain = explainer(r.ctx)
	session, err := c.assume(a)
	if err != nil {
		return nil, noRole()
	}
	return cognitoCredentialsOf(session), nil
}

func (c *Cognito) getOpenIDToken(r call) (any, *awsError) {
	pool, refusal := c.poolOf(r.in.IdentityID)
	switch {
	case refusal != nil:
		return nil, refusal
	case len(pool.RoleMappings) > 0: // AWS guide, authentication-flow
		return nil, cognitoError("InvalidParameterException", "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.")
	case !pool.Classic:
		return nil, cognitoError("InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow.")
	}
	who, refusal := c.caller(r)
	if refusal != nil {
		return nil, refusal
	}
	token, err := c.signOpenIDToken(c.openIDTokenOf(who))
	if err != nil {
		return nil, cognitoError("InternalErrorException", "")
	}
	return identityJSON{IdentityID: who.identityID, Token: token}, nil
}

func (c *Cognito) unlinkIdentity(r call) (any, *awsError) {
	pool, refusal := c.poolOf(r.in.IdentityID)
	if refusal != nil {
		return nil, refusal
	}
	logins, refusal := c.verify(r.ctx, pool, r.in.Logins)
	if refusal != nil {
		return nil, refusal
	}
	if err := c.identities.unlink(r.in.IdentityID, persons(logins), r.in.LoginsToRemove); err != nil {
		return nil, identityError(err, r.in.IdentityID)
	}
	return struct{}{}, nil
}

func (c *Cognito) poolOf(identityID string) (Pool, *awsError) {
	pool, known := c.Pools[c.identities.poolOf(identityID)]
	if !known {
		return Pool{}, notFound("Identity", identityID)
	}
	return pool, nil
}

// caller authenticates a request that names an identity.
func (c *Cognito) caller(r call) (caller, *awsError) {
	pool, refusal := c.poolOf(r.in.IdentityID)
	if refusal != nil {
		return caller{}, refusal
	}
	who := caller{pool: pool, identityID: r.in.IdentityID}
	if len(r.in.Logins) == 0 {
		return who, c.letGuestIn(who)
	}
	if who.logins, refusal = c.verify(r.ctx, pool, r.in.Logins); refusal != nil {
		return caller{}, refusal
	}
	var err error
	if who.identityID, err = c.identities.enter(r.in.IdentityID, persons(who.logins)); err != nil {
		return caller{}, identityError(err, r.in.IdentityID)
	}
	return who, nil
}

func (c *Cognito) letGuestIn(who caller) *awsError {
	if err := c.identities.enterAsGuest(who.identityID); err != nil {
		return identityError(err, who.identityID)
	}
	if !who.pool.Guests {
		return noGuests()
	}
	return nil
}

func identityError(err error, id string) *awsError {
	switch {
	case errors.Is(err, errIdentityForbidden):
		return notAuthorized("Access to Identity '%s' is forbidden.", id)
	case errors.Is(err, errLoginsMismatch):
		return notAuthorized("Logins don't match. Please include at least one valid login for this identity or identity pool.")
	}
	return cognitoError("ResourceConflictException", "Only one login per provider can be linked to an identity.") // assumed: the text
}

// noRole covers both causes: that there is no role, and that it does not trust the pool.
func noRole() *awsError {
	return cognitoError("InvalidIdentityPoolConfigurationException",
		"Invalid identity pool configuration. Check assigned IAM roles for this pool.")
}

func noGuests() *awsError {
	return notAuthorized("Unauthenticated access is not supported for this identity pool.")
}

func notFound(what, id string) *awsError {
	return cognitoError("ResourceNotFoundException", what+" '"+id+"' not found.")
}

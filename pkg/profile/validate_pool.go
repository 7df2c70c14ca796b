package profile

import "strings"

// maxPoolID is Cognito's limit for the length of an ID (GetId, IdentityPoolId).
const maxPoolID = 55

func (b *builder) identityPool() IdentityPool {
	pool := IdentityPool{ID: b.text("identity_pool.id"), Flow: b.flow()}
	if pool.ID == "" {
		pool.Flow = ""
	} else if !validPoolID(pool.ID) {
		b.errorf("identity_pool.id", "%q is not the ID of an identity pool", pool.ID).Hint =
			"it has the form REGION:GUID, such as us-east-1:11111111-2222-3333-4444-555555555555; the ID of a user pool (us-east-1_…) does not work"
	}
	pool.Guest = b.bool("identity_pool.guest", false)
	return pool
}

func (b *builder) flow() string {
	switch flow := b.text("identity_pool.flow"); flow {
	case "", "enhanced":
	case "basic":
		b.errorf("identity_pool.flow", "%q is not supported by this version: only \"enhanced\" is", flow)
	default:
		b.errorf("identity_pool.flow", "%q is not a flow: \"enhanced\" is", flow)
	}
	return "enhanced"
}

func validPoolID(id string) bool {
	region, guid, ok := strings.Cut(id, ":")
	return ok && len(id) <= maxPoolID && validRegion(region) && validGUID(guid)
}

func validGUID(guid string) bool {
	groups := strings.Split(guid, "-")
	if len(groups) != 5 {
		return false
	}
	for i, length := range []int{8, 4, 4, 4, 12} {
		hex := strings.Trim(groups[i], "0123456789abcdef") == ""
		if len(groups[i]) != length || !hex {
			return false
		}
	}
	return true
}

"""Which roles people and other systems may be given, and with which department."""

from typing import Final

from schemas.city import City
from schemas.errors import FieldError
from schemas.http import STAFF
from schemas.ids import DepartmentCode
from schemas.words import Role

#: Roles that a token may have: staff's, and the hotline's system.
TOKEN_ROLES: Final = STAFF | {Role.HOTLINE}


def role_errors(
    city: City, role: Role, department: DepartmentCode | None, allowed: frozenset[Role]
) -> list[FieldError]:
    """What is wrong with giving `role` for `department`; empty where nothing is. `allowed`: the roles that can be given."""
    if role not in allowed:
        return [FieldError("role", "不能使用该角色。", "This role cannot be given.")]
    if role is not Role.DEPARTMENT and department is not None:
        return [
            FieldError("department", "只有承办单位角色可以指定单位。", "Only a department's people have one.")
        ]
    if role is Role.DEPARTMENT and department is None:
        return [FieldError("department", "请指明承办单位。", "Say which department.")]
    if role is Role.DEPARTMENT and department not in city.department:
        return [FieldError("department", "没有这个承办单位。", "There is no such department.")]
    return []

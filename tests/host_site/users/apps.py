from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "host_site.users"
    label = "users"

export { notifications } from './src/notifications.context.js';
export { NotificationsSettings } from './src/notifications-settings.js';
